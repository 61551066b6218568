"""Files that the user asked for, or gave."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ttsopt.boundary.reading import read_given
from ttsopt.errors import CannotRunError, UsageError


def check_writable(path: Path) -> None:
    """Find out before the work is done, not after.

    Raises:
        CannotRunError: As `write_text`.
    """
    there = path.exists()
    _attempt(path, lambda: path.open("a").close())
    if not there:
        path.unlink()


def write_text(path: Path, text: str) -> None:
    """Write it whole; folders' names that are no UTF-8 are written as the bytes that they are.

    Raises:
        CannotRunError: It could not be written.
    """
    _attempt(path, lambda: path.write_bytes(text.encode("utf-8", "surrogateescape")))


def replace_text(path: Path, text: str) -> None:
    """Write it whole or not at all: whoever reads the file meanwhile, or after a crash, sees the old or the new.

    What is no regular file (a pipe, a terminal) is written as it is.

    Raises:
        CannotRunError: It could not be written.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        write_text(target, text)
        return
    beside = target.with_name(f".{target.name}.{os.getpid()}.partial")
    write_text(beside, text)
    _attempt(path, lambda: beside.replace(target))


def read_lines(path: Path) -> list[str]:
    """Its lines that are not empty.

    Raises:
        UsageError: It is no text, or has no line.
        CannotRunError: It cannot be read.
    """
    try:
        text = read_given(path).decode("utf-8-sig")
        lines = [line.strip() for line in text.splitlines()]
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise CannotRunError("unreadable", message, "Name a text file.") from error
    except UnicodeDecodeError as error:
        raise UsageError("bad-text-file", f"{path} is no UTF-8", "Save it as UTF-8.") from error
    if not any(lines):
        raise UsageError("bad-text-file", f"{path} has no text", "Write one text a line.")
    return [line for line in lines if line]


def add_to_summary(markdown: str) -> None:
    """Append to the summary of a job of GitHub Actions, where this is one.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions

    Raises:
        CannotRunError: It could not be written.
    """
    if file := os.environ.get("GITHUB_STEP_SUMMARY"):
        path = Path(file)
        _attempt(path, lambda: _append(path, markdown))


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text + "\n")


def _attempt(path: Path, write: Callable[[], object]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write()
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise CannotRunError("unwritable", message, "Name a file that can be written.") from error
