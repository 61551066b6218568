"""Errors of what cannot be read: the bytes of a file, or the edit that a patch wants made in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class UnparsableError(ValueError):
    """The file cannot be read as that language by what ttsopt runs on; `line` is 1-based, 0 where unknown.

    `needs` is the version of Python that may read it, where a newer one may.
    """

    def __init__(self, reason: str, line: int = 0, needs: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.needs = needs


class PatternError(ValueError):
    """A pattern, a key, or a piece of inserted code that is wrong in itself, whatever the file."""


@contextmanager
def within_depth() -> Iterator[None]:
    """A tree that is nested deeper than Python's own stack is as good as none.

    Raises:
        UnparsableError: It is.
    """
    try:
        yield
    except RecursionError as error:
        raise UnparsableError("nested too deeply to be searched") from error
