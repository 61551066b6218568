"""Where the time of one call goes: cProfile, torch.profiler. Loaded by worker.py."""

from __future__ import annotations

import cProfile
import os
import pstats
import sys
from typing import Any, Callable, Dict, List

LONGEST = 25  # rows of a table that somebody reads
Rows = List[Dict[str, Any]]


def profiled(call: Callable[[], object], folder: str, view: str) -> Dict[str, Any]:
    """Do `call` under cProfile, then, where torch is loaded, once more under its profiler.

    Writes `profile.pstats`, and `trace.json` for chrome://tracing or ui.perfetto.dev.
    """
    profile = cProfile.Profile()
    profile.runcall(call)
    file = os.path.join(folder, "profile.pstats")
    profile.dump_stats(file)
    found: Dict[str, Any] = {"functions": slowest(profile, view), "operators": [], "files": [file]}
    if "torch" in sys.modules:
        trace = os.path.join(folder, "trace.json")
        found["operators"] = operators(call, trace)
        found["files"].append(trace)
    return found


def slowest(profile: cProfile.Profile, view: str) -> Rows:
    """Functions by the seconds spent in themselves, and with all that they call. Files are from the view."""
    top = os.path.join(os.path.realpath(view), "")
    rows: Any = vars(pstats.Stats(profile))["stats"]
    found = [
        {
            "function": function,
            "file": file[len(top) :] if file.startswith(top) else file,
            "line": line,
            "calls": calls,
            "own_seconds": own,
            "total_seconds": total,
        }
        for (file, line, function), (_, calls, own, total, _) in rows.items()
    ]
    return sorted(found, key=lambda row: -row["own_seconds"])[:LONGEST]


def operators(call: Callable[[], object], trace: str) -> Rows:
    """Torch's operators by the time spent in themselves, on the device where there is one."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    cuda = torch.cuda.is_available()
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * cuda
    with profile(activities=activities) as taken:
        call()
    taken.export_chrome_trace(trace)
    found = [
        {"operator": row.key, "calls": row.count, "own_seconds": _own_seconds(row, cuda)}
        for row in taken.key_averages()
    ]
    return sorted(found, key=lambda row: -row["own_seconds"])[:LONGEST]


def _own_seconds(row: Any, cuda: bool) -> float:
    """Torch counts microseconds; what it called cuda is the device since 2.4."""
    names = ("self_device_time_total", "self_cuda_time_total") if cuda else ("self_cpu_time_total",)
    return next(float(getattr(row, name)) for name in names if hasattr(row, name)) / 1e6
