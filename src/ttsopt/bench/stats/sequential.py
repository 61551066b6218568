"""When to stop adding rounds, and what may be said then.

Rounds are looked at a few times, fixed before the first. Many interim analyses, each at its own 5 %, would err far
more often than one. So each gets a share of the error that is allowed for all of them: alpha spending, after
Lan and DeMets,
"Discrete sequential boundaries for clinical trials", Biometrika 70 (1983), 659-663, with their function that comes
near to Pocock's boundary. The shares are added up (Bonferroni), not found by integrating over them together:
so they hold for the t of few rounds too, and about a fifth of the error is left unused.

Three levels, each for its own question:
- faster, slower: 1 % for all interim analyses together (`FALSE_ALARMS`);
- same: 5 % for all interim analyses together (1 - `LEVEL`), and the interval has to lie inside the margin;
- the interval that is printed with them: 95 % at the look where the run stopped (`printed_level`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ttsopt.bench.stats.statistics import LEVEL, SAME_MARGIN, LogMean, log_mean
from ttsopt.domain.measurement import Estimate, Interval, Verdict

FALSE_ALARMS = 0.01
GROWTH, TOO_CLOSE = 1.5, 1.2
# Past the first look, that of a t interval which holds the truth in 95 % of the runs that stop there, as well as
# one number can tell: 93 to 97 % over the effects and noises of benchmarks/decisions.py.
STOPPED = 0.967


@dataclass(frozen=True, slots=True)
class InterimPlan:
    """At which numbers of rounds it is looked at, ascending."""

    rounds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Ratios of the rounds of earlier runs, from which a run goes on; `looks`: at how many rounds those ended."""

    ratios: tuple[float, ...] = ()
    looks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Decision after the rounds so far.

    `bounds` hold the truth at all analyses together in 99 % of runs: by them the verdict is judged, and any other
    limit that a run may be stopped for. `estimate` has the narrower interval to print. `settled`: at an analysis,
    with a verdict, so that no further round is needed.
    """

    estimate: Estimate
    bounds: Interval
    verdict: Verdict
    settled: bool


def interim_plan(least: int, most: int) -> InterimPlan:
    """The first after `least` rounds, each further one half as many rounds later again, the last after `most`.

    One round tells nothing of noise: where there may be more, it is not looked at.
    """
    if not 1 <= least <= most:
        raise ValueError(f"no interim analyses from {least} to {most} rounds")
    rounds = [min(max(least, 2), most)]
    while (following := math.ceil(rounds[-1] * GROWTH)) * TOO_CLOSE < most:
        rounds.append(following)
    return InterimPlan((*rounds, most) if rounds[-1] < most else tuple(rounds))


def with_looks(plan: InterimPlan, looks: Iterable[int]) -> InterimPlan:
    """The plan of a run that goes on from where others ended: each end was an analysis too, and has had its share.

    When a run ended must not have depended on its ratios: the time was up, or somebody ended it.
    """
    last = plan.rounds[-1]
    return InterimPlan(tuple(sorted({*plan.rounds, *(look for look in looks if 1 < look < last)})))


def interval_level(plan: InterimPlan, count: int, level: float = LEVEL) -> float:
    """The level of a t interval after `count` rounds, so that those of all analyses hold together with `level`.

    Between two analyses (the run was interrupted) it is what the function allows to have spent by then, less
    what those before have spent.
    """
    last = plan.rounds[-1]
    if not 1 <= count <= last:
        raise ValueError(f"{count} rounds are not within the {last} that were planned")
    previous = max((look for look in plan.rounds if look < count), default=0)
    return 1 - (1 - level) * (_spent(count / last) - _spent(previous / last))


def _spent(share: float) -> float:
    """The share of the error spent at this share of the rounds: ln(1 + (e - 1) t)."""
    return math.log1p(math.expm1(1) * share)


def printed_level(plan: InterimPlan, count: int) -> float:
    """The level of the t interval to print after `count` rounds: the plain 95 % up to the first analysis.

    Never above that of all analyses together: what is within the margin by that one is within it as printed.
    """
    together = interval_level(plan, count)
    return LEVEL if count <= plan.rounds[0] else min(STOPPED, together)


def sequential_estimate(values: Sequence[float], plan: InterimPlan) -> Estimate:
    """The geometric mean of ratios of paired rounds with its 95 % interval to print."""
    return printed_estimate(log_mean(values), plan)


def sequential_bounds(
    values: Sequence[float], plan: InterimPlan, level: float = 1 - FALSE_ALARMS
) -> Interval:
    """The interval of their geometric mean that holds at all analyses together."""
    return bounds(log_mean(values), plan, level)


def printed_estimate(mean: LogMean, plan: InterimPlan) -> Estimate:
    """A mean over rounds with its 95 % interval to print."""
    estimate = mean.estimate(printed_level(plan, mean.count))
    return replace(estimate, interval=replace(estimate.interval, level=LEVEL))


def bounds(mean: LogMean, plan: InterimPlan, level: float = 1 - FALSE_ALARMS) -> Interval:
    """The interval of a mean over rounds that holds at all analyses together: limits are judged by it."""
    return replace(mean.interval(interval_level(plan, mean.count, level)), level=level)


def decide(ratios: Sequence[float], plan: InterimPlan, margin: float = SAME_MARGIN) -> Decision:
    """Return what one or more ratios before / after say: above 1 the after side is faster."""
    mean = log_mean(ratios)
    certain = bounds(mean, plan)
    found = verdict(bounds(mean, plan, LEVEL), certain, margin)
    settled = found is not Verdict.INCONCLUSIVE and mean.count in plan.rounds
    return Decision(printed_estimate(mean, plan), certain, found, settled)


def decide_line(line: Line, plan: InterimPlan) -> Decision:
    """Return what the rounds of several runs say, each of which went on from the one before."""
    return decide(line.ratios, with_looks(plan, line.looks))


def goes_on(line: Line, plan: InterimPlan) -> bool:
    """True if more rounds are allowed, and may decide what these did not."""
    if len(line.ratios) >= plan.rounds[-1]:
        return False
    return not line.ratios or decide_line(line, plan).verdict is Verdict.INCONCLUSIVE


def is_out(decision: Decision, worth: float) -> bool:
    """True if a race is lost: it is for sure not `worth` that speedup, or decided, and not faster."""
    lost = {Verdict.SAME, Verdict.SLOWER}
    return worth > 0 and (decision.bounds.high < worth or decision.verdict in lost)


def verdict(likely: Interval, certain: Interval, margin: float = SAME_MARGIN) -> Verdict:
    """From the interval of a ratio at 95 % and that at 99 %: `SAME` where the first lies within the margin.

    `SAME` goes before: what is surely other than 1, and as surely by less than the margin, is no finding.
    """
    if 1 / (1 + margin) <= likely.low and likely.high <= 1 + margin:
        return Verdict.SAME
    if certain.low > 1:
        return Verdict.FASTER
    return Verdict.SLOWER if certain.high < 1 else Verdict.INCONCLUSIVE


def noise_floor(ratios: Sequence[float], plan: InterimPlan) -> float:
    """From a run of the tree against itself: what a run as long could not tell from 1, as ratio - 1.

    The end of the 99 % bounds that is further from 1: half their width, and by how much the run missed 1. 0.04: a
    speedup below 1.04x, or a slowdown by as much, may be noise. Infinite from one round. A run that may be stopped
    at several analyses is judged by wider bounds, and has a higher floor.
    """
    certain = sequential_bounds(ratios, plan)
    return max(certain.high, 1 / certain.low if certain.low else math.inf) - 1
