"""Writes a file that the user asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ttsopt.errors import CannotRunError


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


def _attempt(path: Path, write: Callable[[], object]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write()
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        raise CannotRunError("unwritable", message, "Name a file that can be written.") from error
