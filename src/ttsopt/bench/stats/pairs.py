"""Rounds of two pairs of resident processes: what one pair says, the other has to say too.

Within a process rounds tell how noisy a text is; they do not tell what the process itself brought (where its
memory lies, which way a library chose). Two processes of one tree differ by that, and no number of rounds shows
it. So each pair is a sequential test of its own, and a verdict needs both: of the same kind, and beyond the noise
floor that a resident run of the tree against itself has.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from ttsopt.bench.stats.limited import bounds_over
from ttsopt.bench.stats.sequential import (
    Decision,
    InterimPlan,
    Line,
    decide,
    decide_line,
    interim_plan,
    noise_floor,
)
from ttsopt.domain.measurement import Bounds, Estimate, Figure, Interval, Verdict, WorkerRound

T = TypeVar("T")
PAIRS = 2
# Ratios of paired rounds: those of one side alone have no pair to agree with.
PAIRED = (Figure.SPEEDUP, Figure.CPU_SPEEDUP)


def plan_of_pair(plan: InterimPlan) -> InterimPlan:
    """Return when one pair is looked at, from the plan of both."""
    return interim_plan(plan.rounds[0] // PAIRS, plan.rounds[-1] // PAIRS)


def decide_in_pairs(
    ratios: Sequence[float], pairs: Sequence[int], plan: InterimPlan, floor: float
) -> Decision:
    """Decide from ratios before / after of all rounds, and how many rounds each pair had.

    The estimate is over all of them; the bounds are those of both pairs, from the lower to the upper.
    """
    return decide_lines([Line(tuple(rows)) for rows in _split(ratios, pairs)], plan, floor)


def decide_lines(lines: Sequence[Line], plan: InterimPlan, floor: float) -> Decision:
    """As `decide_in_pairs`, from one line of rounds for each pair: of one run, or of several that went on."""
    each = [decide_line(line, plan_of_pair(plan)) for line in lines if line.ratios]
    bounds = _hull([row.bounds for row in each])
    everything = decide([ratio for line in lines for ratio in line.ratios], plan)
    return replace(everything, bounds=bounds, verdict=_verdict(each, floor))


def estimates_of_pairs(
    ratios: Sequence[float], pairs: Sequence[int], plan: InterimPlan
) -> tuple[Estimate, ...]:
    """Return what each pair says by itself."""
    return tuple(decide(rows, plan_of_pair(plan)).estimate for rows in _split(ratios, pairs))


def bounds_in_pairs(
    before: Sequence[WorkerRound],
    after: Sequence[WorkerRound],
    pairs: Sequence[int],
    plan: InterimPlan,
) -> Bounds:
    """Return the bounds of what both sides are paired by: from the lower of the pairs to the upper."""
    own = plan_of_pair(plan)
    each = [
        bounds_over(b, a, own)
        for b, a in zip(_split(before, pairs), _split(after, pairs), strict=True)
    ]
    return {
        figure: replace(each[0][figure], interval=_hull([row[figure].interval for row in each]))
        for figure in PAIRED
        if all(figure in row for row in each)
    }


def resident_floor(ratios: Sequence[float], pairs: Sequence[int], plan: InterimPlan) -> float:
    """From a resident run of the tree against itself: what neither pair could tell from 1, as ratio - 1."""
    own = plan_of_pair(plan)
    return max(noise_floor(rows, own) for rows in _split(ratios, pairs))


def _verdict(pairs: Sequence[Decision], floor: float) -> Verdict:
    found = {row.verdict for row in pairs}
    if len(pairs) < PAIRS or len(found) > 1:
        return Verdict.INCONCLUSIVE
    values = [row.estimate.value for row in pairs]
    is_beyond = {
        Verdict.FASTER: min(values) > 1 + floor,
        Verdict.SLOWER: max(values) < 1 / (1 + floor),
    }
    (verdict,) = found
    return verdict if is_beyond.get(verdict, True) else Verdict.INCONCLUSIVE


def _split(rows: Sequence[T], pairs: Sequence[int]) -> Iterator[Sequence[T]]:
    ends = list(itertools.accumulate(pairs))
    return (rows[end - count : end] for end, count in zip(ends, pairs, strict=True) if count)


def _hull(intervals: Sequence[Interval]) -> Interval:
    low, high = min(row.low for row in intervals), max(row.high for row in intervals)
    return replace(intervals[0], low=low, high=high)
