"""The command line, driven as a script drives it, on a copy of the sample checkout."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from cli_driver import Answer, Cli, Tree

from ttsopt.cli.main import run

SAMPLE = Path(__file__).parents[2] / "patches" / "sample" / "checkout"


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    def call(*arguments: object) -> Answer:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["ttsopt", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            run()
        out, err = capfd.readouterr()
        assert isinstance(stop.value.code, int)
        return Answer(stop.value.code, out, err)

    return call


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A sample checkout of the test's own."""
    copy = tmp_path / "sample"
    shutil.copytree(SAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a tree, ttsopt's own state left out."""
    files = (path for path in folder.rglob("*") if path.is_file())
    kept = (path for path in files if not {".ttsopt", ".git", "__pycache__"} & set(path.parts))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept}


@pytest.fixture
def tree() -> Tree:
    return contents
