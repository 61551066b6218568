"""Standard output and error that may be closed, full, or a pipe that nobody reads: none of it is a failed gate."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_DESCRIPTORS = (0, 1, 2)


class OutputLostError(Exception):
    """Standard output could not be written; what comes after it goes nowhere.

    No OSError: a command that catches those of its files would take it for one, and typer ends with 1 at a broken
    pipe.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


def guard_streams() -> None:
    """Put streams in place that say once, or not at all, that they cannot be written.

    A standard stream that was closed (`2>&-`) is as if it were the null device: else the next file that is opened
    would take its number, and get what a library prints. What cannot be written to standard error is dropped; of
    standard output it raises OutputLostError.
    """
    _fill_descriptors()
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = _guarded(sys.stdout, 1, _lose)
    sys.stderr = _guarded(sys.stderr, 2, _drop)


def _fill_descriptors() -> None:
    for number in _DESCRIPTORS:
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            os.dup2(opened, number)  # as it was for whoever inherits it
            if opened != number:
                os.close(opened)


def _guarded(stream: TextIO | None, number: int, lose: Callable[[OSError], None]) -> TextIO:
    if stream is None:
        return _text(io.FileIO(number, "w", closefd=False), lose, encoding="utf-8")
    if not isinstance(stream, io.TextIOWrapper):
        return stream  # somebody's own, such as a test's
    raw: Any = getattr(stream.buffer, "raw", stream.buffer)  # with `python -u` it is raw itself
    return _text(
        raw,
        lose,
        encoding=stream.encoding,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _text(raw: io.FileIO, lose: Callable[[OSError], None], **options: Any) -> TextIO:
    # A checkout may hold file names that no encoding has; they are printed escaped.
    buffer = io.BufferedWriter(_Guarded(raw, lose))
    return io.TextIOWrapper(buffer, errors="backslashreplace", **options)


def _lose(error: OSError) -> None:
    raise OutputLostError(error) from error


def _drop(error: OSError) -> None:
    """Leave it: there is no place to say that nothing can be said."""


class _Guarded(io.RawIOBase):
    """Bytes to a descriptor, until the first time that it does not take them."""

    def __init__(self, raw: io.FileIO, lose: Callable[[OSError], None]) -> None:
        super().__init__()
        self._raw = raw
        self._lose = lose
        self._is_lost = False
        self.name = raw.name

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()

    def write(self, data: ReadableBuffer, /) -> int | None:
        if not self._is_lost:
            try:
                return self._raw.write(data)
            except OSError as error:
                self._is_lost = True
                self._lose(error)
        return memoryview(data).nbytes
