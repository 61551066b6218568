"""Shows a long text by the user's pager, on the terminal."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from ttsopt.boundary.processes import feed
from ttsopt.boundary.programs import find_program, is_program
from ttsopt.boundary.variables import scrubbed

USUAL = ("less", "more")
# Colours as they are, no more than a screen printed at once, the screen left as it was: git's own choice.
LESS = "FRX"
TERMINAL = ("TERM", "COLORTERM", "COLUMNS", "LINES", "LESS", "LESSCHARSET")


def page(text: str) -> bool:
    """Show a text; False where there is no pager (`PAGER=cat` asks for none), or it could not be started.

    It is looked for as all programs are, never in the current folder.
    """
    command = _command(os.environ.get("PAGER", ""))
    if not command:
        return False
    try:
        feed(command, _environment(), text.encode("utf-8", "backslashreplace"))
    except OSError:
        return False
    return True


def _environment() -> dict[str, str]:
    """Of less's own variables, LESSOPEN names a program to be run: it is left out."""
    terminal = {name: os.environ[name] for name in TERMINAL if name in os.environ}
    return {"LESS": LESS, **scrubbed(), **terminal}


def _command(asked: str) -> list[str]:
    try:
        words = shlex.split(asked)
    except ValueError:
        return []
    if words:
        found = _program(words[0])
        return [str(found), *words[1:]] if found and Path(words[0]).name != "cat" else []
    usual = next(filter(None, map(find_program, USUAL)), None)
    return [str(usual)] if usual else []


def _program(name: str) -> Path | None:
    path = Path(name)
    if path.is_absolute():
        return path if is_program(path) else None
    return find_program(name) if path.name == name else None
