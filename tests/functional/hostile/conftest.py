"""Every test here lays a checkout beside other files and runs all commands there with a time limit.

The surroundings are compared, to the second of their last change, with what they were.
"""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from all_commands import COMMANDS, Go
from cli_driver import Answer, Cli
from surroundings import photograph, without_times

LIMIT_SECONDS = 60


class Hung(BaseException):
    """No command may catch it."""


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    if sys.platform == "win32":
        pytest.skip("made of POSIX file types")

    def stop(number: int, frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LIMIT_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def outside(tmp_path: Path, sample: Path) -> Path:
    """A folder beside the checkout that holds files of the same names."""
    folder = tmp_path / "outside"
    shutil.copytree(sample, folder)
    cached = folder / "__pycache__"
    cached.mkdir()
    for name in ("frontend", "api", "vocoder", "acoustic"):
        (cached / f"{name}.cpython-311.pyc").write_bytes(b"somebody else's")
    return folder


@pytest.fixture
def go(cli: Cli, tmp_path: Path, sample: Path) -> Go:
    """Run every command; gives the answers by command. `whole` says that rollback must restore the checkout."""

    def run(*options: str, checkout: Path = sample, whole: bool = True) -> dict[str, Answer]:
        around, inside = photograph(tmp_path, sample), photograph(sample)
        answers = {}
        for name, *arguments in COMMANDS:
            chosen = [] if name in {"discover", "status", "rollback"} else options
            shown = cli(name, checkout, *arguments, *chosen) if name != "apply" else None
            answer = cli(name, checkout, *arguments, *chosen, "--json")
            for one in filter(None, (shown, answer)):
                assert one.code in {0, 3, 5}, one
                assert "Traceback" not in one.err + one.out
            if answer.code:
                assert answer.error["message"]
            if name in {"discover", "list", "plan", "status"} and "apply" not in answers:
                assert photograph(sample) == inside, f"{name} wrote"
            assert photograph(tmp_path, sample) == around, f"{name} wrote outside"
            answers[name] = answer
        if whole:
            assert without_times(photograph(sample)) == without_times(inside)
        return answers

    return run
