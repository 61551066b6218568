"""Runs one workload in the interpreter of a checkout and writes down what happened.

    PYTHON /abs/in_target/worker.py CONTROL_DIR

Run by path, Python 3.8+, standard library only; its parts are loaded from beside it by location. Working
directory: the view's root. Standard input is what lifeline.py waits at, then empty. Standard output and error
belong to the TTS library; messages are files of CONTROL_DIR: `request.json` (of the controller), `result.json`
(written beside, then os.replace) and `output/<id>.npy`. No result.json means that the process died. Once it is
written the process ends at once (os._exit; 0, or 1 for a failure): a library that hangs or crashes at exit must
not spoil what was measured.

request.json
    {"protocol": 1, "task": "prepare" | "measure" | "trace" | "profile",
     "workload": abs file, "view": abs folder, "import_paths": ["src"] (from the view),
     "size": "tiny" | "real", "weights": "random" | abs folder,
     "scratch": abs folder that both sides and all rounds share,
     "utterances": [{"id", "text", "voice": number}], "seed": 0, "threads": 1,
     "warmup": most turns, "warmup_utterances": as utterances; none: the first of them,
     "scenarios": [{"name", "concurrency": 1, "speak": [id]}]; none: every utterance once, one by one,
     "stream": false,
     "prompt_audio": abs file or null, "prompt_text": text or null,
     "files": [{"path", "module", "sha256", "edits": [{"id", "first", "last"}]}]}

result.json
    {"protocol": 1, "ok": true, "task",
     "load_seconds", "warmup_seconds": [s],                            measure, trace, profile
     "whole": [wall, CPU seconds] of the first scenario, null where one by one,       measure
     "further": {name: {"utterances", "whole"}},                                      measure
     "utterances": [{"id", "wall_seconds", "cpu_seconds", "audio_seconds", "sample_rate",
       "sha256" (of the .npy), "output", "counters", "chunks", "finite", "silent"}],
                                                               of the first scenario; trace
     "executed": {path: [id of edit]},                                          trace
     "profile": {"functions", "operators", "files", "memory": {stage: bytes}}   profile
     "model": {name: text or number} (of describe()),                  measure, trace, profile
     "peak_rss_bytes", "peak_gpu_bytes": int, or null where nobody can say,
     "modules": [{"path", "module", "loaded", "file", "sha256", "stale_bytecode"}],
     "fallbacks": [text], "stands_in": [text],
     "environment": {"python", "implementation", "packages": {name: version},
                     "threads": {name: value}}}
    {"protocol": 1, "ok": false,
     "stage": "request" | "import" | "prepare" | "load" | "warmup" | "measure" | "trace" | "profile",
     "error": class, "message", "missing_module": name or null, "traceback": last lines}

Tasks. prepare: the workload's `prepare(job)`, if it has one. measure: load, turns of the warm-up until two
agree, then scenario after scenario, timed: their utterances one by one, or from as many threads as "concurrency"
says. Voices are to be there for all of "utterances". trace: no warm-up, with a line trace of the planned files
from before the workload imports anything of the checkout; the first utterance, then the others as long as an edit
was not seen to run. profile: load, warm-up, the first utterance under profilers.

A workload is a file (no package, standard library only at import) with
    STANDS_IN = ("what is not the real thing", ...)
    prepare(job)          optional; job is the request
    load(job) -> speak    imports the checkout's code and builds it
    speak({"id", "text", "voice"}, seed)
        -> {"samples": 1-D floats, "sample_rate": Hz, "counters": {name: number}}
        or {"tokens": [int], "audio_seconds": of what went in, "counters": {name: number}};
        a counter called <stage>_seconds is the time of a stage; a stream adds
        "chunks": [[seconds since the call began, samples], ...] (instruments.Chunks)
    synchronise()         optional; waits for the device, where that is another one than torch's CUDA
    describe()            optional, asked once all is spoken: {"device", "dtype", ...: text or number}, what
                          really holds in the model
    STREAMS = True        optional: with "stream": true in the request, speak streams
    CONCURRENT = True     optional: speak may be called from several threads at once
Parts of a long workload NAME.py are the files of the folder NAME beside it: NAME/weights.py is loaded before it,
and it imports that as _ttsopt_NAME_weights. They are loaded in the order of their names: a part may import those
before it.

A helper that a patch lays into the checkout says that it fell back by adding a sentence to a list
`__ttsopt_fallbacks__` in its module; a workload file may have one too. One that keeps values counts them: kept.py;
"counters" has them as `cache_hits` and `cache_misses`, of calls that are spoken one by one.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from typing import Any, Callable, Dict, List, Tuple

HERE = os.path.dirname(os.path.abspath(__file__))

Job = Dict[str, Any]
Result = Dict[str, Any]


def load_by_location(name: str, path: str) -> Any:
    """A module from its file, under a private name: a workload f5_tts.py must not shadow f5_tts.

    Compiled afresh, so that no bytecode is read or left beside it.
    """
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        raise ImportError("not a Python file: %s" % path)
    module = importlib.util.module_from_spec(spec)
    with open(path, "rb") as source:
        code = compile(source.read(), path, "exec", dont_inherit=True)
    sys.modules[name] = module
    exec(code, module.__dict__)  # noqa: S102 - a file of ttsopt, or the workload asked for
    return module


def load_part(name: str) -> Any:
    """A file beside this one."""
    return load_by_location("_ttsopt_" + name, os.path.join(HERE, name + ".py"))


asked = load_part("asked")
stages = load_part("stages")
outputs = load_part("outputs")
evidence = load_part("evidence")
facts = load_part("facts")
kept = load_part("kept")
timing = load_part("timing")
profiling = load_part("profiling")
instruments = load_part("instruments")  # workloads import this one, and the next three
load_part("randomness")
load_part("refusal")
load_part("stand_ins")


def main(control: str) -> int:
    """Do what the request asks; write the result; return the exit code."""
    try:
        with stages.at("request"):
            job = asked.read_request(control)
            asked.settle(job)
        result = run(job, control)
    except stages.StageError as failure:
        result = stages.describe_failure(failure)
    write_result(control, {"protocol": asked.PROTOCOL, **result})
    return 0 if result["ok"] else 1


def run(job: Job, control: str) -> Result:
    """Do the task; add what is known only afterwards."""
    result: Result = {"ok": True, "task": job["task"]}
    result.update(TASKS[job["task"]](job, control))
    with stages.at(job["task"]):
        result["peak_rss_bytes"] = facts.peak_rss_bytes()
        result["peak_gpu_bytes"] = facts.peak_gpu_bytes()
        result["modules"] = evidence.prove_modules(job.get("files", []), job["view"])
        result["fallbacks"] = facts.fallbacks()
        result["environment"] = facts.environment()
    return result


def prepare(job: Job, _: str) -> Result:
    """Task prepare."""
    workload = import_workload(job)
    with stages.at("prepare"):
        if hasattr(workload, "prepare"):
            workload.prepare(job)
    return {"stands_in": list(workload.STANDS_IN)}


def measure(job: Job, control: str) -> Result:
    """Task measure."""
    workload = import_workload(job)
    speak, wait, load_seconds = load(workload, job)
    with stages.at("warmup"):
        warmup = timing.warm_up(speak, wait, job)
    with stages.at("measure"):
        first, *further = asked.scenarios(job)
        result = spoken(first, "output", speak, wait, job, control)
        result["further"] = {
            row["name"]: spoken(row, "output/" + row["name"], speak, wait, job, control)
            for row in further
        }
    loaded = {"load_seconds": load_seconds, "warmup_seconds": warmup}
    return {**loaded, **result, **about(workload, "measure")}


def spoken(row: Job, folder: str, speak: Any, wait: Any, job: Job, control: str) -> Result:
    """One scenario: the rows of its utterances, and the seconds of the whole where several are spoken at once."""
    by_id = {one["id"]: one for one in job["utterances"]}
    utterances = [by_id[name] for name in row["speak"]]
    if row["concurrency"] > 1:
        # What a helper counts meanwhile is of several calls.
        calls, wall, cpu = timing.at_once(speak, wait, utterances, job["seed"], row["concurrency"])
        rows = [written(call, folder, control) for call in calls]
        return {"utterances": rows, "whole": [wall, cpu]}
    rows = [one_by_one(speak, wait, one, job["seed"], folder, control) for one in utterances]
    return {"utterances": rows, "whole": None}


def one_by_one(speak: Any, wait: Any, one: Job, seed: int, folder: str, control: str) -> Result:
    """The row of one call, with what helpers counted during it."""
    before = kept.counts()
    row = written(timing.timed(speak, wait, one, seed), folder, control)
    row["counters"].update(kept.since(before))
    return row


def trace(job: Job, control: str) -> Result:
    """Task trace."""
    rows: List[Result] = []
    with evidence.EditTrace(job.get("files", []), job["view"]) as edits:
        workload = import_workload(job)
        speak, wait, load_seconds = load(workload, job)
        with stages.at("trace"):
            for one in job["utterances"]:
                if not rows or not edits.is_complete:
                    call = timing.timed(speak, wait, one, job["seed"])
                    rows.append(written(call, "output", control))
    result = {"load_seconds": load_seconds, "warmup_seconds": [], "utterances": rows}
    return {**result, "executed": edits.executed(), **about(workload, "trace")}


def profile(job: Job, control: str) -> Result:
    """Task profile."""
    memory = {"start": facts.resident_bytes()}
    workload = import_workload(job)
    speak, wait, load_seconds = load(workload, job)
    memory["loaded"] = facts.resident_bytes()
    with stages.at("warmup"):
        warmup = timing.warm_up(speak, wait, job)
        memory["warm"] = facts.resident_bytes()
    with stages.at("profile"):
        first = job["utterances"][0]
        found = profiling.profiled(lambda: speak(first, job["seed"]), control, job["view"])
        memory["spoken"] = facts.resident_bytes()
    result = {"load_seconds": load_seconds, "warmup_seconds": warmup}
    return {**result, "profile": {**found, "memory": memory}, **about(workload, "profile")}


TASKS = {"prepare": prepare, "measure": measure, "trace": trace, "profile": profile}


def import_workload(job: Job) -> Any:
    """The workload's module."""
    with stages.at("import"):
        stem = os.path.splitext(os.path.basename(job["workload"]))[0]
        load_parts(os.path.splitext(job["workload"])[0], "_ttsopt_" + stem)
        return load_by_location("_ttsopt_workload_" + stem, job["workload"])


def load_parts(folder: str, prefix: str) -> None:
    """The parts of a workload, if it has any."""
    for file in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        name, extension = os.path.splitext(file)
        if extension == ".py":
            load_by_location(prefix + "_" + name, os.path.join(folder, file))


def load(workload: Any, job: Job) -> Tuple[Any, Callable[[], object], float]:
    """`speak`, what waits for the device, and the seconds that building took."""
    with stages.at("request"):
        asked.check_modes(workload, job)
    with stages.at("load"):
        wait = getattr(workload, "synchronise", instruments.wait_for_device)
        start = time.perf_counter()
        speak = workload.load(job)
        wait()
        return speak, wait, time.perf_counter() - start


def about(workload: Any, stage: str) -> Result:
    """What really holds in the model, as far as the workload tells, and what is not the real thing."""
    with stages.at(stage):
        model = dict(workload.describe()) if hasattr(workload, "describe") else {}
    return {"model": model, "stands_in": list(workload.STANDS_IN)}


def written(call: Any, folder: str, control: str) -> Result:
    """The row of one call in the result; its output is written."""
    name = "%s/%s.npy" % (folder, call.utterance["id"])
    row = {"id": call.utterance["id"], "output": name}
    row.update(wall_seconds=call.wall, cpu_seconds=call.cpu)
    row.update(outputs.write_output(os.path.join(control, name), call.returned))
    return row


def write_result(control: str, result: Result) -> None:
    """Put result.json in place whole."""
    beside = os.path.join(control, "result.json.partial")
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(result, file, allow_nan=False)
    os.replace(beside, os.path.join(control, "result.json"))


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: worker.py CONTROL_DIR")
    load_part("lifeline").hold()
    code = main(sys.argv[1])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
