"""Decode the options of `ttsopt bench` into the terms of the benchmark."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.errors import UsageError

if TYPE_CHECKING:
    from ttsopt.domain.limits import Limits

MIB = 1024 * 1024
MOST_AT_ONCE = 64


def rounds(exactly: int | None, budget: float) -> tuple[int, int, float]:
    """Least, most, and the seconds for them: exactly so many, however long they take, or the usual."""
    from ttsopt.bench.spec import BenchSpec

    usual = BenchSpec()
    return (exactly, exactly, math.inf) if exactly else (usual.least, usual.most, budget)


def limits(
    max_rtf: float | None,
    min_speedup: float | None,
    max_slowdown: float | None,
    max_memory: float | None,
) -> Limits:
    """The gates; a slowdown in percent and memory in MiB, as they are typed."""
    from ttsopt.domain.limits import Limits

    slowdown = None if max_slowdown is None else max_slowdown / 100
    memory = None if max_memory is None else max_memory * MIB
    return Limits(max_rtf, min_speedup, slowdown, memory)


def levels(typed: str) -> tuple[int, ...]:
    """Requests at once, from 1 to 64: one number, or several with commas between them."""
    numbers = [int(part) if part.strip().isdecimal() else 0 for part in typed.split(",")]
    if not all(1 <= number <= MOST_AT_ONCE for number in numbers):
        message = f"--concurrency {typed}: numbers from 1 to {MOST_AT_ONCE} were expected"
        raise UsageError("bad-concurrency", message, "One of them, or several: 1,2,4.")
    return tuple(numbers)


def texts(typed: list[str], file: Path | None) -> tuple[str, ...]:
    """Texts of one's own, those of the command line first."""
    from ttsopt.cli.files import read_lines

    return (*typed, *(read_lines(file) if file else ()))
