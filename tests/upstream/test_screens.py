"""The first steps on a fresh checkout of each system, screen by screen, on a terminal of 80 columns.

TTSOPT_UPSTREAMS names a folder of clones, named as upstream names them; TTSOPT_PYTHON_<SYSTEM> an interpreter
for `doctor`, which is left out without one.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from terminal import on_terminal, plain

from ttsopt.cli.cells import cells
from ttsopt.cli.main import make_app

pytestmark = pytest.mark.upstream
if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

SYSTEMS = {
    "F5-TTS": "F5_TTS",
    "CosyVoice": "COSYVOICE",
    "GPT-SoVITS": "GPT_SOVITS",
    "index-tts": "INDEX_TTS",
    "Step-Audio-EditX": "STEP_AUDIO",
    "MockingBird": "MOCKINGBIRD",
}


STEPS = ((), ("doctor",), ("apply",), ("status",), ("rollback",))
TYPED = re.compile(r"`(ttsopt [^`]*)`|^ *(?:\$ )?(ttsopt \S.*?)(?:   *.*)?$", re.MULTILINE)


@pytest.fixture
def checkout(name: str, tmp_path: Path) -> Path:
    source = Path(os.environ.get("TTSOPT_UPSTREAMS", "")) / name
    if not os.environ.get("TTSOPT_UPSTREAMS") or not source.exists():
        pytest.skip(f"TTSOPT_UPSTREAMS names no folder with a clone {name}")
    shutil.copytree(source, tmp_path / name, symlinks=True)
    return tmp_path / name


def typed_commands(screen: str) -> Iterator[list[str]]:
    """The commands of ttsopt's on a screen, as they can be typed."""
    for match in TYPED.finditer(screen):
        yield shlex.split(match[1] or match[2])


def check_typed(words: list[str]) -> None:
    """The command exists, and has these options."""
    if words[1] == "--help":
        return
    commands = typer.main.get_command(make_app("")).commands  # type: ignore[attr-defined]
    assert words[1] in commands, words
    known = {name for row in commands[words[1]].params for name in row.opts}
    options = {word.partition("=")[0] for word in words[2:] if word.startswith("-")}
    assert options <= {*known, "--help", "--json"}, words


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts[:1]
    }


def wide(screen: str) -> list[str]:
    """Lines of more than 80 columns that could be shorter: a command is never broken, nor a word."""
    lines = plain(screen).split("\n")
    return [
        row for row in lines if cells(row) > 80 and not re.match(r" *(\$ .*|\S+|ttsopt .*)$", row)
    ]


def state(folder: Path) -> bytes:
    asked = ["git", "-C", str(folder), "status", "--porcelain", "--ignored"]
    return subprocess.run(asked, capture_output=True, check=True).stdout


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SYSTEMS)
def test_every_screen_fits_and_rollback_leaves_no_trace(
    checkout: Path, name: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = os.environ.get(f"TTSOPT_PYTHON_{SYSTEMS[name]}")
    before, at_first = tree(checkout), state(checkout)
    monkeypatch.setenv("TTSOPT_STATE_HOME", str(checkout.parent / "state"))
    for step in STEPS:
        if step == ("doctor",) and not python:
            continue
        more = ("--python", python) if step == ("doctor",) else ()
        code, screen = on_terminal(checkout, *step, *more, TTSOPT_LANG=language)
        _keep(name, language, step, screen)
        assert code == 0 or (step == ("doctor",) and code == 1)
        assert wide(screen) == []
        found = list(typed_commands(plain(screen)))
        assert found or step not in {(), ("apply",)}
        for words in found:
            check_typed(words)
        if step == ("apply",):
            assert tree(checkout) != before
    assert tree(checkout) == before
    assert state(checkout) == at_first


def _keep(name: str, language: str, step: tuple[str, ...], screen: str) -> None:
    """With TTSOPT_KEEP_SCREENS, a folder: write the screen there, to be read."""
    if folder := os.environ.get("TTSOPT_KEEP_SCREENS"):
        file = Path(folder) / f"{name}-{language}-{'-'.join(step) or 'bare'}.txt"
        file.write_text(plain(screen), encoding="utf-8")
