"""Decode the options of `ttsopt bench` into the terms of the benchmark."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttsopt.cli.bench_options import Undecided
from ttsopt.domain.model_size import Size
from ttsopt.errors import UsageError

if TYPE_CHECKING:
    from ttsopt.domain.limits import Limits
    from ttsopt.domain.recognition import RecogniserChoice

MIB = 1024 * 1024
MOST_AT_ONCE = 64


def rounds(exactly: int | None, budget: float) -> tuple[int, int, float]:
    """Least, most, and the seconds for them: exactly so many, however long they take, or the usual."""
    from ttsopt.bench.spec import BenchSpec

    usual = BenchSpec()
    return (exactly, exactly, math.inf) if exactly else (usual.least, usual.most, budget)


def limits(
    max_slowdown: float | None,
    max_memory: float | None,
    undecided: Undecided | None,
    **others: Any,
) -> Limits:
    """The gates; a slowdown in percent and memory in MiB, as they are typed, the others as `Limits` has them."""
    from ttsopt.domain.limits import Limits

    return Limits(
        max_slowdown=None if max_slowdown is None else max_slowdown / 100,
        max_memory=None if max_memory is None else max_memory * MIB,
        undecided=None if undecided is None else undecided is Undecided.PASS,
        **others,
    )


def levels(typed: str) -> tuple[int, ...]:
    """Requests at once, from 1 to 64: one number, or several with commas between them."""
    numbers = [int(part) if part.strip().isdecimal() else 0 for part in typed.split(",")]
    if not all(1 <= number <= MOST_AT_ONCE for number in numbers):
        message = f"--concurrency {typed}: numbers from 1 to {MOST_AT_ONCE} were expected"
        raise UsageError("bad-concurrency", message, "One of them, or several: 1,2,4.")
    return tuple(numbers)


def weights(typed: str, size: Size | None) -> tuple[str, Size]:
    """Whose weights, and the size of random ones: to name a size alone asks for random ones.

    Raises:
        UsageError: A size of weights that have theirs.
    """
    from ttsopt.bench.spec import FOUND, RANDOM

    if size and typed not in {"", RANDOM}:
        message = f"--weights {typed}: these weights have their own size"
        raise UsageError("two-sizes", message, "Leave --size out, or take --weights random.")
    if typed not in {"", RANDOM, FOUND}:
        return typed, Size.REAL
    return typed or (RANDOM if size else FOUND), size or Size.TINY


def recogniser(python: str, model: str) -> RecogniserChoice | None:
    """The recogniser that was asked for, if one was.

    Raises:
        UsageError: A model without an interpreter; neither of the two libraries.
    """
    from ttsopt.domain.recognition import Library, RecogniserChoice

    if not model:
        return RecogniserChoice(python) if python else None
    if not python:
        message = "--recogniser-model: no interpreter is named that has the library"
        raise UsageError("no-recogniser", message, "Add --recogniser EXE.")
    name, _, folder = model.partition(":")
    library = next((row for row in Library if row.value == name), None)
    if library is None or not folder:
        message = f"--recogniser-model {model}: a library and a folder were expected"
        hint = "funasr:DIR or faster-whisper:DIR"
        raise UsageError("bad-recogniser-model", message, hint)
    return RecogniserChoice(python, library, Path(folder))


def texts(typed: list[str], file: Path | None) -> tuple[str, ...]:
    """Texts of one's own, those of the command line first."""
    from ttsopt.cli.files import read_lines

    return (*typed, *(read_lines(file) if file else ()))
