"""Several workers on one study, in processes of their own: each job is run once, whoever dies meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import tuning_worker
from tuning_fakes import FOLDED, KEPT

Start = Callable[..., "subprocess.Popen[str]"]
SUPPORT = Path(tuning_worker.__file__).parent


@pytest.fixture
def start(sample: Path, tmp_path: Path, storage: str) -> Start:
    # A tree of the test's own: the server may know the sample from another test.
    (sample / "own.py").write_text(f"NAME = {tmp_path.name!r}\n")

    def start(name: str, *more: str) -> subprocess.Popen[str]:
        command = [sys.executable, tuning_worker.__file__, str(sample), storage]
        environ = {**os.environ, "PYTHONPATH": str(SUPPORT)}
        log = str(tmp_path / name)
        return subprocess.Popen(
            [*command, log, *more], env=environ, stdout=subprocess.PIPE, text=True
        )

    return start


def result(worker: subprocess.Popen[str]) -> set[str]:
    out, _ = worker.communicate(timeout=100)
    assert worker.returncode == 0
    return set(out.strip().split(","))


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def test_two_workers_run_each_job_once(start: Start, tmp_path: Path) -> None:
    workers = [start(name) for name in ("one", "two")]
    assert [result(worker) for worker in workers] == [{FOLDED, KEPT}] * 2
    done = [line for name in ("one", "two") for line in lines(tmp_path / name)]
    assert len(done) == len(set(done)) >= 5


def test_a_killed_worker_s_job_is_taken_up_again(start: Start, tmp_path: Path) -> None:
    killed = start("killed", "HANG")
    while "hangs" not in lines(tmp_path / "killed"):
        assert killed.poll() is None
        time.sleep(0.05)
    other = start("other")
    while not lines(tmp_path / "other"):
        assert other.poll() is None
        time.sleep(0.05)
    killed.kill()
    killed.communicate(timeout=10)
    assert result(other) == {FOLDED, KEPT}
    first, second = lines(tmp_path / "killed"), lines(tmp_path / "other")
    assert first[1:] == ["hangs"]
    assert first[0] not in second
    sweep = [line for line in second if "kind=<Kind.SELECT: 'select'>, before=()" in line]
    assert len(sweep) == 2  # of three: that of the worker before it was killed is known
