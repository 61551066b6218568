"""Figures over rounds as plain data for JSON: null where infinite or unknown."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from ttsopt.bench.stats.sequential import InterimPlan, sequential_estimate
from ttsopt.bench.stats.statistics import geometric_estimate
from ttsopt.domain.measurement import Estimate, SpokenScenario, SpokenUtterance

Data = dict[str, object]


@dataclass(frozen=True, slots=True)
class PerCall:
    """A counter over calls. `steady`: every call counted the same, so that `mean` is a value of its own."""

    mean: float
    steady: bool


def per_call(counted: Sequence[Mapping[str, float]]) -> dict[str, PerCall]:
    """Of one or more calls; what a call did not count is 0 of it."""
    names = dict.fromkeys(name for row in counted for name in row)
    values = {name: [row.get(name, 0) for row in counted] for name in names}
    return {
        name: PerCall(statistics.fmean(rows), len(set(rows)) == 1) for name, rows in values.items()
    }


def counters_data(rounds: Sequence[SpokenScenario]) -> Data:
    """Return the counts of the calls of the first round."""
    counted = per_call([row.counters for row in rounds[0].utterances])
    return {name: asdict(row) for name, row in counted.items()}


def figures(rows: Sequence[SpokenScenario] | Sequence[SpokenUtterance], plan: InterimPlan) -> Data:
    """Geometric means, so that rtf = seconds / audio_seconds; of CPU seconds the median.

    The interval is that of every other figure of the run: of the interim analysis at which it stopped.
    """
    rtf = sequential_estimate([row.rtf for row in rows], plan)
    return {
        "rtf": rtf.value,
        "rtf_interval": interval_data(rtf),
        "rtfx": 1 / rtf.value,
        "seconds": geometric_estimate([row.wall_seconds for row in rows]).value,
        "audio_seconds": geometric_estimate([row.audio_seconds for row in rows]).value,
        "cpu_seconds": statistics.median(row.cpu_seconds for row in rows),
    }


def estimate_data(row: Estimate) -> Data:
    """A figure with its interval."""
    return {
        "value": row.value,
        "interval": interval_data(row),
        "level": row.interval.level,
        "rounds": row.rounds,
    }


def interval_data(row: Estimate) -> list[float | None]:
    """Both ends."""
    return [finite(row.interval.low), finite(row.interval.high)]


def finite(value: float | None) -> float | None:
    """JSON has no infinite numbers."""
    return value if value is not None and math.isfinite(value) else None
