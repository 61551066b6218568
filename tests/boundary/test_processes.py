"""Programs that are started: found on PATH, bounded in output and in time, ended with what they started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ttsopt.boundary.git import run_git
from ttsopt.boundary.processes import run_process
from ttsopt.boundary.programs import find_program
from ttsopt.boundary.variables import scrubbed


def python(
    folder: Path, code: str, *, most: int = 1000, seconds: float = 60
) -> tuple[int | None, bytes, bool]:
    end = run_process([sys.executable, "-c", code], folder, scrubbed(), seconds, most=most)
    return end.status, end.stdout, end.is_cut


def test_the_status_and_the_output_come_back(tmp_path: Path) -> None:
    assert python(tmp_path, "print('yes', end=''); raise SystemExit(3)") == (3, b"yes", False)


def test_a_program_that_prints_without_end_is_cut_off(tmp_path: Path) -> None:
    status, output, is_cut = python(tmp_path, "while True: print('y' * 100)", most=1000)
    assert (len(output), is_cut) == (1000, True)
    assert status != 0


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    assert python(tmp_path, "import time; time.sleep(600)", seconds=0.5)[0] is None


def test_a_program_of_the_current_folder_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = tmp_path / "git"
    git.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    git.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    for value in (".", "", str(tmp_path)):
        monkeypatch.setenv("PATH", value)
        assert find_program("git") is None
        with pytest.raises(FileNotFoundError) as caught:
            run_git(tmp_path, "--version")
        assert caught.value.filename == "git"
    assert not (tmp_path / "ran").exists()
    monkeypatch.chdir(tmp_path.parent)
    assert find_program("git") == git
