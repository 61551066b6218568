"""The load of the machine over a run."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from ttsopt.environment.load import MachineLoad, watched_load

TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def stat(file: Path, busy_seconds: float) -> Path:
    """As /proc/stat, with so many seconds of user time; idle, waiting and guests do not count as busy."""
    file.write_text(f"cpu  {round(busy_seconds * TICKS)} 0 0 7777 888 0 0 0 99 99\ncpu0 1 2\n")
    return file


@pytest.mark.skipif(sys.platform == "win32", reason="no clock ticks")
def test_others_are_what_was_busy_less_what_this_run_took(tmp_path: Path) -> None:
    file = stat(tmp_path / "stat", 1000)
    with watched_load(file) as load:
        time.sleep(0.05)
        stat(file, 1000)
    assert load.others == 0
    with watched_load(file) as load:
        time.sleep(0.05)
        stat(file, 9000)
    assert load.others == 1
    assert load.summary()["others"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no clock ticks")
def test_what_this_run_took_is_not_that_of_others(tmp_path: Path) -> None:
    file = stat(tmp_path / "stat", 1000)
    with watched_load(file) as load:
        start = own_seconds()
        while (used := own_seconds() - start) < 0.1:
            pass
        stat(file, 1000 + used)
    # The kernel's clock ticks a hundred times a second, and both sides round.
    assert load.others is not None
    assert load.others * load.cores < 0.3


def own_seconds() -> float:
    times = os.times()
    return times.user + times.system


def test_where_no_kernel_says_nothing_is_claimed(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("cpu 1 2\n")
    for name in ("stat", "none"):
        with watched_load(tmp_path / name) as load:
            pass
        assert load.others is None


@pytest.mark.parametrize(
    ("load", "words"),
    [
        (MachineLoad(2, (1.0, 1.0), 0.05), ""),
        (MachineLoad(2, (9.0, 9.0), 0.05), ""),
        (MachineLoad(2, (9.0, 9.0), 0.62), "other programs took 62% of the processors"),
        (MachineLoad(2, (2.0, 5.5)), "the load average was 5.5 on 2 cores"),
        (MachineLoad(8, (2.0, 5.5)), ""),
        (MachineLoad(2), ""),
    ],
)
def test_a_busy_machine_is_warned_of(load: MachineLoad, words: str) -> None:
    assert load.warning.startswith(words)
    assert bool(load.warning) is bool(words)
