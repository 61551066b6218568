"""Runs one workload in the interpreter of a checkout and writes down what happened.

    PYTHON /abs/in_target/worker.py CONTROL_DIR

Run by path, Python 3.8+, standard library only; its parts are loaded from beside it by location. Working
directory: the snapshot's root. Files of CONTROL_DIR are `request.json` (of the controller), `result.json` (written
beside, then os.replace) and `output/<id>.npy`. No result.json means that the process died. Once it is written the
process ends at once (os._exit; 0, or 1 for a failure): a library that hangs or crashes at exit must not spoil what
was measured.

Standard input is what lifeline.py waits at, and the way on which texts come (channel.py); the TTS library finds it
empty. Standard output carries the worker's own messages; what libraries print goes to standard error. A line each:
    {"ask": [id], "children": CPU seconds of children that ended,
     "last": [wall, CPU, audio seconds] of the utterance before, or null} worker
    {"utterances": [{"id", "text", "voice"}]} or {"refused": why}        controller
    {"enough": true}: no more are wanted, the scenarios that are complete count      controller
    SIGINT while a scenario after the first is spoken: as {"enough": true}, at once  controller
    {"spoken": true, "children"}                                         worker, once its clock has stopped
    {"end": true}, and any line in answer                                worker, once result.json is there
One utterance is asked for at a time, when all is loaded and warm and the one before is spoken; where several are
spoken at once, those of the pass come together. Neither a file nor memory holds a text before. The ids, voices and
lengths of all that will be spoken are known at loading, texts are not.

request.json
    {"protocol": 2, "task": "prepare" | "measure" | "fill" | "trace" | "profile" | "record" | "serve",
     "workload": abs file, "view": abs folder, "import_paths": ["src"] (from the view),
     "size": "tiny" | "real", "weights": "random" | abs folder,
     "mixed": null | {"folder": abs folder, "real": [component], "random": [component]}: with random weights, the
       folder where published files of the real components lie as links, and random ones are written beside them,
     "scratch": abs folder that both sides and all rounds share: only `prepare` may write there,
     "own": abs folder of this process alone,
     "utterances": [{"id", "voice": number, "characters": length of its text}], "seed": 0, "threads": 1,
     "warmup": most turns, "warmup_utterances": [{"id", "text", "voice"}], never timed; none: no warm-up,
     "scenarios": [{"name", "concurrency": 1, "speak": [id]}]; none: every utterance once, one by one,
     "stream": false,
     "prompt_audio": abs file or null, "prompt_text": text or null,
     "serve": {"script", "arguments": [text], "port": number} or null (serving.py),
     "files": [{"path", "module", "sha256", "edits": [{"id", "first", "last"}]}]}

result.json
    {"protocol": 2, "ok": true, "task",
     "load_seconds", "warmup_seconds": [s],                            measure, trace, profile, record
     "whole": [wall, CPU seconds] of the first scenario, null where one by one,       measure
     "further": {name: {"utterances", "whole"}},                                      measure
     "utterances": [{"id", "wall_seconds", "cpu_seconds", "audio_seconds", "sample_rate",
       "sha256" (of the .npy), "output", "counters", "chunks", "finite", "silent"}],
                                                               of the first scenario; trace, record
     "executed": {path: [id of edit]},                                          trace
     "profile": {"functions", "operators", "files", "memory": {stage: bytes}}   profile
     "recordings": {id of an utterance: file of its rows (recording.py)}          record
     "model": {name: text or number} (of describe()),                  measure, trace, profile, record
     "peak_rss_bytes", "peak_gpu_bytes": int, or null where nobody can say,
     "modules": [{"path", "module", "loaded", "file", "sha256", "stale_bytecode"}],
     "fallbacks": [text], "stubs": [text],
     "environment": {"python", "implementation", "packages": {name: version},
                     "threads": {name: value}}}
    {"protocol": 2, "ok": false,
     "stage": "request" | "import" | "prepare" | "load" | "warmup" | "measure" | "trace" | "profile" | "record" |
       "serve", "error": class, "message", "missing_module": name or null, "traceback": last lines}

Clocks are taken before the checkout is imported, and the controller compares what they say with its own. A call's
time ends when its samples are there as numbers (outputs.materialise).

Tasks. prepare: the workload's `prepare(job)`, if it has one. measure: load, turns of the warm-up until two
agree, then scenario after scenario, timed: their utterances one by one, or from as many threads as "concurrency"
says. Voices are to be there for all of "utterances": a number above stubs.TURN is voice number % TURN, turned.
trace: no warm-up, with a line trace of the planned files from before the workload imports anything of the
checkout; the first utterance, then the others as long as an edit was not seen to run. profile: load, warm-up, the
first utterance under profilers. record: load, warm-up, then every utterance with each operation of torch recorded.
serve: the workload's `serve(job)`, then the checkout's own server, until it is killed (serving.py).
fill: as measure, for what is kept between processes (compiled code, choices of kernels); no figure of it counts.

A workload is a file (no package, standard library only at import) with
    STUBS = ("what is not the real thing", ...)
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
    serve(job)            optional: puts stand-ins in place before the checkout's server imports what they replace;
                          returns {placeholder: text} for its arguments and for requests, such as "voice"
    CONCURRENT = True     optional: speak may be called from several threads at once
Parts of a long workload NAME.py are the files of the folder NAME beside it: NAME/weights.py is loaded before it,
and it imports that as _ttsopt_NAME_weights. They are loaded in the order of their names: a part may import those
before it.

A helper that a patch lays into the checkout says that it fell back by adding a sentence to a list
`__ttsopt_fallbacks__` in its module; a workload file may have one too. One that keeps values counts them: kept.py;
"counters" has them as `cache_hits` and `cache_misses`, of calls that are spoken one by one.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import sys
from typing import Any, Dict

HERE = os.path.dirname(os.path.abspath(__file__))

Job = Dict[str, Any]
Result = Dict[str, Any]


load_by_location = runpy.run_path(os.path.join(HERE, "loading.py"))["load_by_location"]


def load_part(name: str) -> Any:
    """A file beside this one."""
    return load_by_location("_ttsopt_" + name, os.path.join(HERE, name + ".py"))


load_part("loading")
asked = load_part("asked")
channel = load_part("channel")
load_part("breaking")
lifeline = load_part("lifeline")
stages = load_part("stages")
load_part("outputs")
evidence = load_part("evidence")
facts = load_part("facts")
load_part("kept")
load_part("timing")
load_part("profiling")
load_part("serving")
load_part("rows")
load_part("operations")
load_part("chains")
load_part("dataflow")
load_part("effects")
load_part("saved")
load_part("recorder")
load_part("watching")
load_part("recording")
load_part("instruments")  # workloads import this one, and the next three
load_part("randomness")
load_part("refusal")
load_part("stubs")
workloads = load_part("workloads")
load_part("speaking")
tasks = load_part("tasks")


def main(control: str, texts: Any) -> int:
    """Do what the request asks; write the result; return the exit code. `texts` is the channel."""
    try:
        with stages.at("request"):
            job = asked.read_request(control)
            asked.settle(job)
        result = run(job, control, texts)
    except stages.StageError as failure:
        result = stages.describe_failure(failure)
    write_result(control, {"protocol": asked.PROTOCOL, **result})
    return 0 if result["ok"] else 1


def run(job: Job, control: str, texts: Any) -> Result:
    """Do the task; add what is known only afterwards."""
    result: Result = {"ok": True, "task": job["task"]}
    result.update(tasks.TASKS[job["task"]](job, control, texts))
    with stages.at(job["task"]):
        result["peak_rss_bytes"] = facts.peak_rss_bytes()
        result["peak_gpu_bytes"] = facts.peak_gpu_bytes()
        result["modules"] = evidence.prove_modules(job.get("files", []), job["view"])
        result["fallbacks"] = facts.fallbacks()
        result["environment"] = facts.environment()
    return result


def write_result(control: str, result: Result) -> None:
    """Put result.json in place whole."""
    beside = os.path.join(control, "result.json.partial")
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(result, file, allow_nan=False)
    os.replace(beside, os.path.join(control, "result.json"))


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: worker.py CONTROL_DIR")
    texts = channel.Channel()
    lifeline.hold(texts.receive)
    lifeline.adopt_orphans()
    lifeline.wake_at_its_end()
    code = main(sys.argv[1], texts)
    with contextlib.suppress(channel.ChannelError):
        texts.end()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
