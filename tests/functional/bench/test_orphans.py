"""After ttsopt was killed: its workers, what they started, and its scratch folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

# Instead of speaking, the sample writes down who it is, starts another process, and stays.
STAYS = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(os.environ["TTSOPT_TEST_PIDS"] + ".partial", "w") as file:
    file.write("%d %d" % (os.getpid(), child.pid))
os.replace(os.environ["TTSOPT_TEST_PIDS"] + ".partial", os.environ["TTSOPT_TEST_PIDS"])
time.sleep(600)
"""
LONGEST = 60.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")


class Run:
    """`ttsopt bench` on a sample that never comes to an end."""

    def __init__(self, sample: Path, folder: Path, name: str) -> None:
        self._file = folder / name
        self.temporary = folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        variables = {"TTSOPT_TEST_PIDS": str(self._file), "TMPDIR": str(self.temporary)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ttsopt", "bench", str(sample), "--aa", "--rounds", "1"],
            env={**os.environ, **variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def pids(self) -> list[int]:
        """The worker and what it started."""
        wait_until(self._file.exists)
        return [int(word) for word in self._file.read_text().split()]

    def scratch(self) -> set[Path]:
        return set(self.temporary.glob("ttsopt-scratch-bench-*"))


def wait_until(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    """Whether it has ended; nobody may have waited for it yet."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
    return state.stdout.strip()[:1] in {b"", b"Z"}


@pytest.fixture
def stays(sample: Path) -> Path:
    api = sample / "sample_tts" / "api.py"
    lines = api.read_text().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.startswith("from __future__")) + 1
    api.write_text("".join([*lines[:at], STAYS, *lines[at:]]))
    return sample


@pytest.fixture
def first(stays: Path, tmp_path: Path) -> Iterator[Run]:
    run = Run(stays, tmp_path, "first")
    yield run
    end(run)


def end(run: Run) -> None:
    run.process.kill()
    run.process.wait()
    for pid in run.pids():
        if not is_gone(pid):
            os.kill(pid, signal.SIGKILL)


def test_a_killed_ttsopt_takes_its_worker_along_and_what_that_started(first: Run) -> None:
    pids = first.pids()
    assert not any(map(is_gone, pids))
    first.process.kill()
    first.process.wait()
    wait_until(lambda: all(map(is_gone, pids)))


def test_the_next_run_removes_the_folder_of_the_dead_one_and_no_other(
    first: Run, stays: Path, tmp_path: Path
) -> None:
    first.pids()
    (dead,) = first.scratch()
    first.process.kill()
    first.process.wait()
    assert dead.is_dir()
    second = Run(stays, tmp_path, "second")
    try:
        second.pids()
        (alive,) = second.scratch()
        assert alive != dead
        third = Run(stays, tmp_path, "third")
        third.pids()
        assert second.scratch() > {alive}
        end(third)
    finally:
        end(second)
