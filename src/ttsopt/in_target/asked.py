"""The request to a worker: read, checked, the process settled for it. Loaded by worker.py, which documents it."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any, Dict, List

PROTOCOL = 2
TASKS = ("prepare", "measure", "fill", "trace", "profile", "record", "serve")
NEEDED = ("task", "workload", "view", "import_paths", "utterances", "seed")
SAFE_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")

Job = Dict[str, Any]


class RequestError(ValueError):
    """The request is not one of this protocol."""


def read_request(control: str) -> Job:
    """The request, checked as far as the worker relies on it; RequestError says what is wrong."""
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
    check_names(job)
    return job


def check_names(job: Job) -> None:
    """Names of utterances and scenarios become names of files and folders."""
    known = {row["id"] for row in job["utterances"]}
    for row in scenarios(job):
        unknown = [one for one in row["speak"] if one not in known]
        if unknown:
            raise RequestError(
                "pass %r speaks %s: not among the utterances" % (row["name"], unknown)
            )
    for name in sorted(known | {row["name"] for row in scenarios(job)}):
        if not SAFE_ID.fullmatch(name):
            raise RequestError("utterance id or pass %r cannot be the name of a file" % (name,))


def scenarios(job: Job) -> List[Job]:
    """Return what is timed, in this order; where nothing is said of it, every utterance once."""
    every = {"name": "fresh", "concurrency": 1, "speak": [row["id"] for row in job["utterances"]]}
    return list(job.get("scenarios") or [every])


def settle(job: Job) -> None:
    """Own folder off sys.path, the view's in front; no arguments (GPT-SoVITS reads argv[-1])."""
    own = os.path.realpath(os.path.dirname(os.path.abspath(__file__)))
    others = [entry for entry in sys.path if os.path.realpath(entry or ".") != own]
    first = [os.path.normpath(os.path.join(job["view"], path)) for path in job["import_paths"]]
    sys.path[:] = first + others
    sys.argv[:] = sys.argv[:1]


def check_modes(workload: Any, job: Job) -> None:
    """Raise RequestError where the workload cannot do what the request asks."""
    if job.get("stream") and not getattr(workload, "STREAMS", False):
        raise RequestError("this workload does not stream")
    at_once = max(row["concurrency"] for row in scenarios(job))
    if at_once > 1 and not getattr(workload, "CONCURRENT", False):
        raise RequestError("this workload cannot speak from several threads at once")
