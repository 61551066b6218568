"""Runs one workload in the interpreter of a checkout and writes down what happened.

    PYTHON /abs/in_target/worker.py CONTROL_DIR

Run by path, Python 3.8+, standard library only; its parts (outputs.py, evidence.py, facts.py,
stand_ins.py) are loaded from beside it by location. Working directory: the view's root. Standard output and error
belong to the TTS library; messages are files of CONTROL_DIR: `request.json` (of the controller),
`result.json` (written beside, then os.replace) and `output/<id>.npy`. No result.json means that
the process died. Once it is written the process ends at once (os._exit; 0, or 1 for a failure):
a library that hangs or crashes at exit must not spoil what was measured.

request.json
    {"protocol": 1, "task": "prepare" | "measure" | "trace",
     "workload": abs file, "view": abs folder, "import_paths": ["src"] (from the view),
     "size": "tiny" | "real", "weights": "random" | abs folder,
     "scratch": abs folder that both sides and all rounds share,
     "utterances": [{"id", "text"}], "warmup": 1, "seed": 0, "threads": 1,
     "files": [{"path", "module", "sha256", "edits": [{"id", "first", "last"}]}]}

result.json
    {"protocol": 1, "ok": true, "task",
     "load_seconds", "warmup_seconds": [s],                                     measure, trace
     "utterances": [{"id", "wall_seconds", "cpu_seconds", "audio_seconds", "sample_rate",
       "sha256" (of the .npy), "output", "counters", "finite", "silent"}],      measure, trace
     "executed": {path: [id of edit]},                                          trace
     "peak_rss_bytes": int, or null where the platform does not say,
     "modules": [{"path", "module", "loaded", "file", "sha256", "stale_bytecode"}],
     "fallbacks": [text], "stands_in": [text],
     "environment": {"python", "implementation", "packages": {name: version},
                     "threads": {name: value}}}
    {"protocol": 1, "ok": false,
     "stage": "request" | "import" | "prepare" | "load" | "warmup" | "measure" | "trace",
     "error": class, "message", "missing_module": name or null, "traceback": last lines}

Tasks. prepare: the workload's `prepare(job)`, if it has one. measure: load, `warmup` calls of the
first utterance, then each utterance once, timed. trace: no warm-up, the first utterance only, with
a line trace of the planned files from before the workload imports anything of the checkout.

A workload is a file (no package, standard library only at import) with
    STANDS_IN = ("what is not the real thing", ...)
    prepare(job)          optional; job is the request
    load(job) -> speak    imports the checkout's code and builds it
    speak({"id", "text"}, seed)
        -> {"samples": 1-D floats, "sample_rate": Hz, "counters": {name: number}}
        or {"tokens": [int], "audio_seconds": of what went in, "counters": {name: number}}
    synchronise()         optional; waits for the device

A helper that a patch lays into the checkout says that it fell back by adding a sentence to a list
`__ttsopt_fallbacks__` in its module; a workload file may have one too.
"""

from __future__ import annotations

import contextlib
import gc
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
load_by_location("_ttsopt_stand_ins", os.path.join(HERE, "stand_ins.py"))  # workloads import it


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
    speak, load_seconds = load(workload, job)
    first, calls = job["utterances"][0], job.get("warmup", 1)
    with at("warmup"):
        warmup = [timed(workload, speak, first, job["seed"])[1] for _ in range(calls)]
    with at("measure"):
        rows = [spoken(workload, speak, row, job["seed"], control) for row in job["utterances"]]
    return {
        "load_seconds": load_seconds,
        "warmup_seconds": [wall for wall, _ in warmup],
        "utterances": rows,
        "stands_in": list(workload.STANDS_IN),
    }


def trace(job: Job, control: str) -> Result:
    """Task trace."""
    with evidence.EditTrace(job.get("files", []), job["view"]) as edits:
        workload = import_workload(job)
        speak, load_seconds = load(workload, job)
        with at("trace"):
            row = spoken(workload, speak, job["utterances"][0], job["seed"], control)
    return {
        "load_seconds": load_seconds,
        "warmup_seconds": [],
        "utterances": [row],
        "executed": edits.executed(),
        "stands_in": list(workload.STANDS_IN),
    }


TASKS = {"prepare": prepare, "measure": measure, "trace": trace}


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
        synchronise(workload)
        return speak, time.perf_counter() - start


def spoken(workload: Any, speak: Any, utterance: Job, seed: int, control: str) -> Result:
    """One timed call: its row of the result, its output written."""
    returned, (wall, cpu) = timed(workload, speak, utterance, seed)
    name = "output/%s.npy" % utterance["id"]
    row = {"id": utterance["id"], "wall_seconds": wall, "cpu_seconds": cpu, "output": name}
    row.update(outputs.write_output(os.path.join(control, name), returned))
    return row


def timed(workload: Any, speak: Any, utterance: Job, seed: int) -> Tuple[Any, Tuple[float, float]]:
    """What `speak` returned, and (wall, CPU) seconds, the device idle at both ends."""
    gc.collect()
    synchronise(workload)
    wall, cpu = time.perf_counter(), time.process_time()
    returned = speak(utterance, seed)
    synchronise(workload)
    return returned, (time.perf_counter() - wall, time.process_time() - cpu)


def synchronise(workload: Any) -> None:
    """Wait for the device, where the workload knows of one."""
    if hasattr(workload, "synchronise"):
        workload.synchronise()


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
