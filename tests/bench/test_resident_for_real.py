"""Resident processes that really run: the idle side does nothing, and none outlives ttsopt."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bench_fakes import bench_setup, bench_spec

from ttsopt.bench.run.controller import run_benchmark
from ttsopt.bench.run.executor import WorkerExecutor
from ttsopt.domain.measurement import Side, Utterance

TEXTS = (Utterance("en", "The birch canoe slid.", 0, varies=True),)
LONGEST = 60.0
# Each process writes down that it ticks, in a thread of its own, and when it spoke.
WORKLOAD = """\
import os, threading, time
STANDS_IN = ("nothing but time",)

def load(job):
    file = os.path.join(os.path.dirname(job["workload"]), "ticks-" + os.path.basename(job["view"]))

    def note(*words):
        with open(file, "a") as out:
            out.write(" ".join(map(str, words)) + "\\n")

    def tick():
        while True:
            note("tick", time.monotonic())
            time.sleep(0.01)

    threading.Thread(target=tick, daemon=True).start()

    def speak(utterance, seed):
        start = time.monotonic()
        time.sleep(PAUSE if job["task"] == "measure" else 0)
        note("spoke", start, time.monotonic())
        return {"samples": [0.5, -0.5, 0.25, 0.0] * 1000, "sample_rate": 4000}

    return speak
"""
RUN = """\
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from test_resident_for_real import measure_resident
measure_resident(Path(sys.argv[1]), 600)
"""
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the idle side is stopped on Linux alone"
)


def measure_resident(folder: Path, pause: float) -> tuple[int, ...]:
    """Measure a library that sleeps; return the rounds of each pair."""
    setup = bench_setup(folder, import_paths=(".",), utterances=TEXTS)
    setup.workload.write_text(WORKLOAD.replace("PAUSE", str(pause)))
    setup.scratch.mkdir()
    executor = WorkerExecutor(Path(sys.executable), 600, inherited={"PATH": os.environ["PATH"]})
    return run_benchmark(bench_spec(rounds=4, warmup=0, resident=True), setup, executor).pairs


def test_the_idle_side_does_nothing_while_the_other_speaks(tmp_path: Path) -> None:
    assert measure_resident(tmp_path, 0.1) == (2, 2)
    rows = {side: (tmp_path / f"ticks-{side.value}").read_text().splitlines() for side in Side}
    seen = 0
    for side, other in itertools.permutations(Side):
        ticks = [float(row.split()[1]) for row in rows[other] if row.startswith("tick")]
        spoken = [
            [float(one) for one in row.split()[1:]] for row in rows[side] if row.startswith("spoke")
        ]
        # The trace of the after side runs while no other process is there.
        for start, end in spoken:
            assert not [one for one in ticks if start + 0.03 < one < end - 0.03]
            seen += bool(ticks and min(ticks) < start)
    assert seen > 4


def test_a_stopped_process_ends_with_ttsopt(tmp_path: Path) -> None:
    """kill -9 leaves nobody to wake it but the kernel."""
    here = [str(Path(__file__).parent), *sys.path]
    ttsopt = subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path), *here], stderr=subprocess.DEVNULL
    )
    try:
        # The trace speaks too; the first of a pair is stopped as soon as it is loaded.
        wait_until(lambda: any(state(pid) == "T" for pid in workers(tmp_path)))
        found = workers(tmp_path)
    finally:
        ttsopt.kill()
        ttsopt.wait()
    wait_until(lambda: not workers(tmp_path))
    assert found
    assert all(state(pid) in ("", "Z") for pid in found)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.05)


def workers(folder: Path) -> list[int]:
    """The worker processes of a benchmark that works in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "worker.py" in words and str(folder) in words and state(int(entry.parent.name)) != "Z":
            found.append(int(entry.parent.name))
    return found


def state(pid: int) -> str:
    """Its state as ps(1) shows it; empty if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
