"""Figures that limits are set on, over the rounds of a run, with the intervals that they are judged by."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from ttsopt.bench.stats.autocorrelation import serial_mean
from ttsopt.bench.stats.latency import percentiles
from ttsopt.bench.stats.sequential import InterimPlan, bounds
from ttsopt.bench.stats.statistics import LogMean, cpu_ratios, log_mean, ratios
from ttsopt.domain.measurement import Bounds, Estimate, Figure, WorkerRound

Rounds = Sequence[WorkerRound]


def bounds_over(before: Rounds, after: Rounds, plan: InterimPlan) -> Bounds:
    """Every figure that was measured, with bounds that hold at all interim analyses together."""
    return {
        figure: Estimate(mean.value, bounds(mean, plan), mean.count)
        for figure, mean in log_means(before, after).items()
    }


def log_means(before: Rounds, after: Rounds) -> dict[Figure, LogMean]:
    """Of ratios of paired rounds, with independent errors, and of one side's rounds, with correlated ones."""
    paired = {
        Figure.SPEEDUP: ratios(before, after),
        Figure.CPU_SPEEDUP: cpu_ratios(before, after),
        Figure.LOAD: load_ratios(before, after),
    }
    series = {
        Figure.RTF: [row.rtf for row in after],
        Figure.CPU_RTF: _all_positive([row.cpu_rtf for row in after]),
        Figure.FIRST_AUDIO: _all_positive([_first_audio(row) for row in after]),
        Figure.P95: [_p95(row) for row in after],
    }
    return {
        **{figure: log_mean(values) for figure, values in paired.items() if values},
        **{figure: serial_mean(values) for figure, values in series.items() if values},
    }


def load_ratios(before: Rounds, after: Rounds) -> list[float]:
    """Seconds of loading and warm-up, after / before of each round; empty where a clock read nothing."""
    pairs = [(b.startup_seconds, a.startup_seconds) for b, a in zip(before, after, strict=True)]
    if any(seconds <= 0 for pair in pairs for seconds in pair):
        return []
    return [a / b for b, a in pairs]


def _first_audio(measured: WorkerRound) -> float:
    """The median over the requests that streamed; 0 where none did."""
    streamed = [row.first_audio_seconds for row in measured.utterances if row.chunks]
    return statistics.median(streamed) if streamed else 0.0


def _p95(measured: WorkerRound) -> float:
    """By nearest rank: of fewer than 20 requests, the slowest."""
    return percentiles([row.wall_seconds for row in measured.utterances])[95]


def _all_positive(values: list[float]) -> list[float]:
    return values if all(value > 0 for value in values) else []
