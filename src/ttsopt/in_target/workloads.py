"""The workload of a system: imported, loaded, asked what holds. Loaded by worker.py, which says how one is."""

from __future__ import annotations

import os
from time import perf_counter
from typing import Any, Callable, Dict, Tuple

import _ttsopt_asked as asked
import _ttsopt_instruments as instruments
import _ttsopt_loading as loading
import _ttsopt_outputs as outputs
import _ttsopt_stages as stages

Job = Dict[str, Any]
Result = Dict[str, Any]


def import_workload(job: Job) -> Any:
    """The workload's module."""
    with stages.at("import"):
        stem = os.path.splitext(os.path.basename(job["workload"]))[0]
        load_parts(os.path.splitext(job["workload"])[0], "_ttsopt_" + stem)
        return loading.load_by_location("_ttsopt_workload_" + stem, job["workload"])


def load_parts(folder: str, prefix: str) -> None:
    """The parts of a workload, if it has any."""
    for file in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        name, extension = os.path.splitext(file)
        if extension == ".py":
            loading.load_by_location(prefix + "_" + name, os.path.join(folder, file))


def load(workload: Any, job: Job) -> Tuple[Any, Callable[[], object], float]:
    """`speak`, what waits for the device, and the seconds that building took."""
    with stages.at("request"):
        asked.check_modes(workload, job)
    with stages.at("load"):
        wait = getattr(workload, "synchronise", instruments.wait_for_device)
        start = perf_counter()
        speak = workload.load(job)
        wait()
        seconds = perf_counter() - start
        return lambda text, seed: outputs.materialise(speak(text, seed)), wait, seconds


def about(workload: Any, stage: str) -> Result:
    """Return what holds in the model, as far as the workload tells, and what is not the real thing."""
    with stages.at(stage):
        model = dict(workload.describe()) if hasattr(workload, "describe") else {}
    return {"model": model, "stubs": list(workload.STUBS)}
