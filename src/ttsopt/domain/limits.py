"""Limits that a benchmark may be held to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ttsopt.domain.measurement import Metric


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for the after side; None: not asked.

    `max_rtf`, `min_speedup` and `max_slowdown` by `metric`. `max_slowdown` 0.02: at most 2 % slower than before.
    `max_load`: seconds of loading and warm-up, after / before. `max_ttfa` (time to first audio) and `max_p95`
    (latency) in seconds. `max_memory` in bytes, of the GPU's where one is used. `max_cer_increase`: of the
    character error rate, after - before, in percentage points. `undecided`: how a gate counts that noise leaves
    open, passed or failed; None: as neither.
    """

    max_rtf: float | None = None
    min_speedup: float | None = None
    max_slowdown: float | None = None
    max_memory: float | None = None
    max_load: float | None = None
    max_ttfa: float | None = None
    max_p95: float | None = None
    max_cer_increase: float | None = None
    metric: Metric = Metric.WALL
    undecided: bool | None = None

    @property
    def has_any(self) -> bool:
        """True if the exit code is to tell of a limit; it then tells of quality too."""
        return any(value is not None for _, value in self.options())

    def options(self) -> Iterator[tuple[str, float | None]]:
        """Each as the command line calls it."""
        yield "--max-rtf", self.max_rtf
        yield "--min-speedup", self.min_speedup
        yield "--max-slowdown", self.max_slowdown
        yield "--max-memory", self.max_memory
        yield "--max-load", self.max_load
        yield "--max-ttfa", self.max_ttfa
        yield "--max-p95", self.max_p95
        yield "--max-cer-increase", self.max_cer_increase
