"""Runs one workload in the interpreter of a checkout and writes down what happened.

    PYTHON /abs/in_target/worker.py CONTROL_DIR

Run by path, Python 3.8+, standard library only; its parts (timing.py, profiling.py, outputs.py, evidence.py,
facts.py, stand_ins.py, instruments.py) are loaded from beside it by location. Working directory: the view's
root. Standard output and error belong to the TTS library; messages are files of CONTROL_DIR: `request.json`
(of the controller), `result.json` (written beside, then os.replace) and `output/<id>.npy`. No result.json
means that the process died. Once it is written the process ends at once (os._exit; 0, or 1 for a failure):
a library that hangs or crashes at exit must not spoil what was measured.

request.json
    {"protocol": 1, "task": "prepare" | "measure" | "trace" | "profile",
     "workload": abs file, "view": abs folder, "import_paths": ["src"] (from the view),
     "size": "tiny" | "real", "weights": "random" | abs folder,
     "scratch": abs folder that both sides and all rounds share,
     "utterances": [{"id", "text", "voice": number}], "seed": 0, "threads": 1,
     "warmup": most calls, "warmup_utterance": as utterances, or null for the first of them,
     "hot": false, "stream": false, "concurrency": 1,
     "prompt_audio": abs file or null, "prompt_text": text or null,
     "files": [{"path", "module", "sha256", "edits": [{"id", "first", "last"}]}]}

result.json
    {"protocol": 1, "ok": true, "task",
     "load_seconds", "warmup_seconds": [s],                            measure, trace, profile
     "wall_seconds", "cpu_seconds": of all that was timed,                             measure
     "utterances": [{"id", "wall_seconds", "cpu_seconds", "audio_seconds", "sample_rate",
       "sha256" (of the .npy), "output", "counters", "chunks", "finite", "silent"}],
                                                                       measure, trace
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

Tasks. prepare: the workload's `prepare(job)`, if it has one. measure: load, warm-up calls until two agree,
then each utterance once, timed; "hot": each of them once before, not timed; with "concurrency", from that many
threads. trace: no warm-up, the first utterance only, with a line trace of the planned files from before the
workload imports anything of the checkout. profile: load, warm-up, the first utterance under profilers.

A workload is a file (no package, standard library only at import) with
    STANDS_IN = ("what is not the real thing", ...)
    prepare(job)          optional; job is the request
    load(job) -> speak    imports the checkout's code and builds it
    speak({"id", "text", "voice"}, seed)
        -> {"samples": 1-D floats, "sample_rate": Hz, "counters": {name: number}}
        or {"tokens": [int], "audio_seconds": of what went in, "counters": {name: number}};
        a counter called <stage>_seconds is the time of a stage; a stream adds
        "chunks": [[seconds since the call began, samples], ...] (instruments.Chunks)
    synchronise()         optional; waits for the device
    describe()            optional, asked once all is spoken: {"device", "dtype", ...: text or number}, what
                          really holds in the model
    STREAMS = True        optional: with "stream": true in the request, speak streams
    CONCURRENT = True     optional: speak may be called from several threads at once

A helper that a patch lays into the checkout says that it fell back by adding a sentence to a list
`__ttsopt_fallbacks__` in its module; a workload file may have one too.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import sys
import time
import traceback
from typing import Any, Dict, Iterator, Optional, Tuple

PROTOCOL = 1
HERE = os.path.dirname(os.path.abspath(__file__))
NEEDED = ("task", "workload", "view", "import_paths", "utterances", "seed")
SAFE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")

Job = Dict[str, Any]
Result = Dict[str, Any]


class RequestError(ValueError):
    """The request is not one of this protocol."""


class StageError(Exception):
    """A stage failed; the cause says how."""

    def __init__(self, stage: str) -> None:
        super().__init__(stage)
        self.stage = stage


@contextlib.contextmanager
def at(stage: str) -> Iterator[None]:
    """Name the stage of whatever goes wrong inside."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise StageError(stage) from error


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


outputs = load_by_location("_ttsopt_outputs", os.path.join(HERE, "outputs.py"))
evidence = load_by_location("_ttsopt_evidence", os.path.join(HERE, "evidence.py"))
facts = load_by_location("_ttsopt_facts", os.path.join(HERE, "facts.py"))
timing = load_by_location("_ttsopt_timing", os.path.join(HERE, "timing.py"))
profiling = load_by_location("_ttsopt_profiling", os.path.join(HERE, "profiling.py"))
for part in ("stand_ins", "instruments"):  # workloads import them
    load_by_location("_ttsopt_" + part, os.path.join(HERE, part + ".py"))


def main(control: str) -> int:
    """Do what the request asks; write the result; return the exit code."""
    try:
        with at("request"):
            job = read_request(control)
            settle(job)
        result = run(job, control)
    except StageError as failure:
        result = describe_failure(failure)
    write_result(control, result)
    return 0 if result["ok"] else 1


def read_request(control: str) -> Job:
    """The request, checked as far as this file relies on it; RequestError says what is wrong."""
    with open(os.path.join(control, "request.json"), encoding="utf-8") as file:
        job: Job = json.load(file)
    if job.get("protocol") != PROTOCOL:
        asked = job.get("protocol")
        raise RequestError("protocol %r was asked for, this worker speaks %d" % (asked, PROTOCOL))
    missing = [name for name in NEEDED if name not in job]
    if missing:
        raise RequestError("the request lacks %s" % ", ".join(missing))
    if job["task"] not in TASKS:
        raise RequestError("there is no task %r" % (job["task"],))
    if job["task"] != "prepare" and not job["utterances"]:
        raise RequestError("there is no utterance to speak")
    for row in job["utterances"]:
        if not SAFE_ID.fullmatch(row["id"]):
            raise RequestError("utterance id %r cannot be the name of a file" % (row["id"],))
    return job


def settle(job: Job) -> None:
    """Own folder off sys.path, the view's in front; no arguments (GPT-SoVITS reads argv[-1])."""
    own = os.path.realpath(HERE)
    others = [entry for entry in sys.path if os.path.realpath(entry or ".") != own]
    first = [os.path.normpath(os.path.join(job["view"], path)) for path in job["import_paths"]]
    sys.path[:] = first + others
    sys.argv[:] = sys.argv[:1]


def run(job: Job, control: str) -> Result:
    """Do the task; add what is known only afterwards."""
    result: Result = {"protocol": PROTOCOL, "ok": True, "task": job["task"]}
    result.update(TASKS[job["task"]](job, control))
    with at(job["task"]):
        result["peak_rss_bytes"] = facts.peak_rss_bytes()
        result["peak_gpu_bytes"] = facts.peak_gpu_bytes()
        result["modules"] = evidence.prove_modules(job.get("files", []), job["view"])
        result["fallbacks"] = facts.fallbacks()
        result["environment"] = facts.environment()
    return result


def prepare(job: Job, _: str) -> Result:
    """Task prepare."""
    workload = import_workload(job)
    with at("prepare"):
        if hasattr(workload, "prepare"):
            workload.prepare(job)
    return {"stands_in": list(workload.STANDS_IN)}


def measure(job: Job, control: str) -> Result:
    """Task measure."""
    workload = import_workload(job)
    check_modes(workload, job)
    speak, load_seconds = load(workload, job)
    wait = timing.waiting(workload)
    with at("warmup"):
        warmup = timing.warm_up(speak, wait, job)
        for row in job["utterances"] if job.get("hot") else ():
            speak(row, job["seed"])
    with at("measure"):
        result = speak_all(speak, wait, job, control)
        result["model"] = described(workload)
    about = {"load_seconds": load_seconds, "warmup_seconds": warmup}
    return {**about, **result, "stands_in": list(workload.STANDS_IN)}


def speak_all(speak: Any, wait: Any, job: Job, control: str) -> Result:
    """All utterances, timed: their rows, and the seconds of the whole."""
    if job.get("concurrency", 1) > 1:
        calls, wall, cpu = timing.at_once(speak, wait, job)
        rows = [written(call, control) for call in calls]
    else:
        rows = [
            written(timing.timed(speak, wait, one, job["seed"]), control)
            for one in job["utterances"]
        ]
        wall = sum(row["wall_seconds"] for row in rows)
        cpu = sum(row["cpu_seconds"] for row in rows)
    return {"utterances": rows, "wall_seconds": wall, "cpu_seconds": cpu}


def trace(job: Job, control: str) -> Result:
    """Task trace."""
    with evidence.EditTrace(job.get("files", []), job["view"]) as edits:
        workload = import_workload(job)
        check_modes(workload, job)
        speak, load_seconds = load(workload, job)
        with at("trace"):
            wait = timing.waiting(workload)
            row = written(timing.timed(speak, wait, job["utterances"][0], job["seed"]), control)
    return {
        "load_seconds": load_seconds,
        "warmup_seconds": [],
        "utterances": [row],
        "executed": edits.executed(),
        "model": described(workload),
        "stands_in": list(workload.STANDS_IN),
    }


def profile(job: Job, control: str) -> Result:
    """Task profile."""
    memory = {"start": facts.resident_bytes()}
    workload = import_workload(job)
    speak, load_seconds = load(workload, job)
    memory["loaded"] = facts.resident_bytes()
    with at("warmup"):
        warmup = timing.warm_up(speak, timing.waiting(workload), job)
        memory["warm"] = facts.resident_bytes()
    with at("profile"):
        first = job["utterances"][0]
        found = profiling.profiled(lambda: speak(first, job["seed"]), control, job["view"])
        memory["spoken"] = facts.resident_bytes()
    return {
        "load_seconds": load_seconds,
        "warmup_seconds": warmup,
        "profile": {**found, "memory": memory},
        "model": described(workload),
        "stands_in": list(workload.STANDS_IN),
    }


TASKS = {"prepare": prepare, "measure": measure, "trace": trace, "profile": profile}


def check_modes(workload: Any, job: Job) -> None:
    """Whether the workload can do what the request asks; RequestError where it cannot."""
    with at("request"):
        if job.get("stream") and not getattr(workload, "STREAMS", False):
            raise RequestError("this workload does not stream")
        if job.get("concurrency", 1) > 1 and not getattr(workload, "CONCURRENT", False):
            raise RequestError("this workload cannot speak from several threads at once")


def described(workload: Any) -> Result:
    """What really holds in the model, as far as the workload tells."""
    return dict(workload.describe()) if hasattr(workload, "describe") else {}


def import_workload(job: Job) -> Any:
    """The workload's module."""
    with at("import"):
        stem = os.path.splitext(os.path.basename(job["workload"]))[0]
        return load_by_location("_ttsopt_workload_" + stem, job["workload"])


def load(workload: Any, job: Job) -> Tuple[Any, float]:
    """`speak`, and the seconds that building it took."""
    with at("load"):
        start = time.perf_counter()
        speak = workload.load(job)
        timing.waiting(workload)()
        return speak, time.perf_counter() - start


def written(call: Any, control: str) -> Result:
    """The row of one call in the result; its output is written."""
    name = "output/%s.npy" % call.utterance["id"]
    row = {"id": call.utterance["id"], "output": name}
    row.update(wall_seconds=call.wall, cpu_seconds=call.cpu)
    row.update(outputs.write_output(os.path.join(control, name), call.returned))
    return row


def describe_failure(failure: StageError) -> Result:
    """The result of a stage that failed; also printed, for the log of standard error."""
    error = failure.__cause__ or failure
    lines = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    print(lines, file=sys.stderr)
    return {
        "protocol": PROTOCOL,
        "ok": False,
        "stage": failure.stage,
        "error": type(error).__name__,
        "message": str(error),
        "missing_module": missing_module(error),
        "traceback": "\n".join(lines.splitlines()[-20:]),
    }


def missing_module(error: Optional[BaseException]) -> Optional[str]:
    """The module that an import did not find, along the causes; None where that is not it."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError):
            return error.name
        error = error.__cause__
    return None


def write_result(control: str, result: Result) -> None:
    """Put result.json in place whole."""
    beside = os.path.join(control, "result.json.partial")
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(result, file, allow_nan=False)
    os.replace(beside, os.path.join(control, "result.json"))


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: worker.py CONTROL_DIR")
    code = main(sys.argv[1])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
