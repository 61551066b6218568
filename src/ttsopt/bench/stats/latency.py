"""How long who asks has to wait: latency of whole utterances, time to first audio, stalls of a stream."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ttsopt.domain.measurement import SpokenScenario

PERCENTS = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class Latency:
    """Over all requests of all rounds of a side, in seconds: percentiles by their percent.

    `first_audio` and `worst_stall` are None without a stream; `cadence` is the median gap between chunks.
    """

    requests: int
    requests_per_second: float
    whole: dict[int, float]
    first_audio: dict[int, float] | None
    cadence: float | None
    worst_stall: float | None


def latency(rounds: Sequence[SpokenScenario]) -> Latency:
    """Of one side."""
    rows = [row for one in rounds for row in one.utterances]
    streamed = [row for row in rows if row.chunks]
    gaps = [
        later[0] - earlier[0]
        for row in streamed
        for earlier, later in zip(row.chunks, row.chunks[1:], strict=False)
    ]
    return Latency(
        len(rows),
        len(rows) / math.fsum(one.wall_seconds for one in rounds),
        percentiles([row.wall_seconds for row in rows]),
        percentiles([row.first_audio_seconds for row in streamed]) if streamed else None,
        percentiles(gaps)[50] if gaps else None,
        max((row.stall_seconds for row in streamed), default=None),
    )


def percentiles(values: Sequence[float]) -> dict[int, float]:
    """Nearest rank: the smallest value that so many percent do not exceed. Of few values, P99 is the largest."""
    ordered = sorted(values)
    return {
        percent: ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]
        for percent in PERCENTS
    }


def supported_percentiles(values: Sequence[float]) -> dict[int, float]:
    """Those percentiles beyond which at least one value is expected: P50 of 2 values, P95 of 20, P99 of 100."""
    beyond = {percent: (100 - percent) * len(values) / 100 for percent in PERCENTS}
    return {
        percent: value
        for percent, value in (percentiles(values) if values else {}).items()
        if beyond[percent] >= 1
    }
