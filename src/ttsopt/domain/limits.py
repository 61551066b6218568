"""Limits that a benchmark may be held to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of the after side; None: not asked.

    `max_slowdown` 0.02: at most 2 % slower than before. `max_memory` in bytes, of the GPU's where one is used.
    """

    max_rtf: float | None = None
    min_speedup: float | None = None
    max_slowdown: float | None = None
    max_memory: float | None = None

    @property
    def has_any(self) -> bool:
        """Whether the exit code is to tell of speed or memory; it then tells of quality too."""
        return any(value is not None for _, value in self.options())

    def options(self) -> Iterator[tuple[str, float | None]]:
        """Each as the command line calls it."""
        yield "--max-rtf", self.max_rtf
        yield "--min-speedup", self.min_speedup
        yield "--max-slowdown", self.max_slowdown
        yield "--max-memory", self.max_memory
