"""Limits that the first rounds cannot decide, and the rounds that it would take."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ttsopt.bench.gates.limits import SpeedGate, speed_gates
from ttsopt.bench.stats.limited import Rounds, log_means
from ttsopt.bench.stats.sequential import (
    FALSE_ALARMS,
    InterimPlan,
    bounds,
    interim_plan,
    interval_level,
)
from ttsopt.bench.stats.statistics import LogMean, student_t
from ttsopt.domain.limits import Limits

MOST = 1000
STEP = 1.15


def forecast(
    asked: Limits, before: Rounds, after: Rounds, plan: InterimPlan, allowed: int
) -> tuple[str, ...]:
    """A sentence for each limit that is within the noise so far; `allowed`: the rounds that the run may make."""
    means = log_means(before, after)
    measured = ((gate, means[gate.figure]) for gate in speed_gates(asked) if gate.figure in means)
    return tuple(
        _sentence(gate, mean, plan, allowed)
        for gate, mean in measured
        if mean.count > 1 and gate.holds(bounds(mean, plan)) is None
    )


def rounds_needed(mean: LogMean, distance: float, plan: InterimPlan) -> int | None:
    """About how many rounds of this noise tell apart two values whose logarithms are so far apart.

    None: more than 1000.
    """
    return next((count for count in _counts(plan) if _half(mean, count, plan) <= distance), None)


def _sentence(gate: SpeedGate, mean: LogMean, plan: InterimPlan, allowed: int) -> str:
    needed = rounds_needed(mean, _distance(gate, mean), plan)
    words = f"about {needed}" if needed else f"more than {MOST}"
    beyond = f", more than the {allowed} of this run" if not needed or needed > allowed else ""
    noise = math.expm1(min(_half(mean, mean.count, plan), math.log(100)))
    return (
        f"{gate.name}, {gate.asked}: {mean.value:.4g} is within the noise of {mean.count} rounds ({noise:.0%}); "
        f"to decide it takes {words} rounds{beyond}"
    )


def _distance(gate: SpeedGate, mean: LogMean) -> float:
    """From the limit to the mean so far; for a slowdown at least to equal sides, which is what mostly holds."""
    limit = math.log(gate.limit)
    distance = abs(mean.mean - limit)
    return max(distance, abs(limit)) if gate.name == "max-slowdown" else distance


def _counts(plan: InterimPlan) -> Iterator[int]:
    yield from plan.rounds
    count = plan.rounds[-1]
    while (count := math.ceil(count * STEP)) <= MOST:
        yield count


def _half(mean: LogMean, count: int, plan: InterimPlan) -> float:
    """Half the width of the bounds after so many rounds, in logarithms."""
    reached = plan if count <= plan.rounds[-1] else interim_plan(plan.rounds[0], count)
    level = interval_level(reached, count, 1 - FALSE_ALARMS)
    freedom = max(1, mean.freedom * count // mean.count)
    return student_t(level, freedom) * mean.error * math.sqrt(mean.count / count)
