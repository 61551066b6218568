"""A secret in ttsopt's environment reaches none of the programs that it starts."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ttsopt.bench.outputs.recogniser import RecogniserProcess, Recording
from ttsopt.boundary.git import run_git
from ttsopt.environment.installed import search_path
from ttsopt.environment.probe import probe_interpreter
from ttsopt.errors import TtsoptError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs of sh")
SECRETS = ("GITHUB_PAT", "HF_TOKEN", "DATABASE_URL", "SSH_AUTH_SOCK")
SOUND = Recording(Path("a.npy"), 24000)
STARTS: dict[str, Callable[[Path, Path], object]] = {
    "python": lambda python, _: search_path(python),
    "probe": lambda python, _: probe_interpreter(python, ["json"]),
    "git": lambda _, folder: run_git(folder, "rev-parse"),
    "recogniser": lambda python, folder: RecogniserProcess(python, folder / "job").hear([SOUND]),
}


@pytest.mark.parametrize("what", STARTS)
def test_secrets_do_not_reach_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    told = tmp_path / "told"
    for name in ("python", "git"):
        program = tmp_path / "programs" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\nexport -p > '{told}'\nexit 1\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}{os.pathsep}{os.environ['PATH']}")
    for name in SECRETS:
        monkeypatch.setenv(name, "s3cret")
    with suppress(TtsoptError):  # the program fails, and what it was told is there
        STARTS[what](tmp_path / "programs" / "python", tmp_path)
    seen = told.read_text()
    assert "PATH" in seen
    assert "s3cret" not in seen
