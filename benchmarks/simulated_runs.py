"""Runs of a benchmark without any process: noise that is simulated or recorded, judged as `ttsopt bench` does."""

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from ttsopt.bench.stats.sequential import Decision, InterimPlan, decide
from ttsopt.bench.stats.statistics import student_t
from ttsopt.domain.measurement import Verdict

SEED = 20261121

Noise = Iterator[float]
Source = Callable[[Random], Noise]


@dataclass(slots=True)
class Tally:
    """Outcomes of many runs. `held`: the printed interval held the truth; `rounds`: of each run."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    held: int = 0
    rounds: list[int] = field(default_factory=list)

    @property
    def runs(self) -> int:
        """How many there were."""
        return len(self.rounds)

    @property
    def other(self) -> int:
        """Those that ended faster or slower."""
        return self.verdicts[Verdict.FASTER] + self.verdicts[Verdict.SLOWER]


def normal(deviation: float) -> Source:
    """Logarithms of ratios with independent normal noise."""

    def source(random: Random) -> Noise:
        while True:
            yield random.gauss(0, deviation)

    return source


def drawn(logs: Sequence[float]) -> Source:
    """Single recorded rounds, drawn with replacement."""

    def source(random: Random) -> Noise:
        while True:
            yield random.choice(logs)

    return source


def stretches(logs: Sequence[float]) -> Source:
    """Recorded rounds in the order in which they were recorded, each run from the next one on."""
    starts = itertools.cycle(range(len(logs)))

    def source(_random: Random) -> Noise:
        start = next(starts)
        return itertools.cycle([*logs[start:], *logs[:start]])

    return source


def tally(source: Source, plan: InterimPlan, runs: int, ratio: float = 1.0) -> Tally:
    """Runs at the true `ratio` before / after, each until it is settled or its rounds are used up."""
    random, total = Random(f"{SEED} {plan} {ratio}"), Tally()  # noqa: S311 - a simulation
    for _ in range(runs):
        decision = one_run(source(random), plan, ratio)
        interval = decision.estimate.interval
        total.verdicts[decision.verdict] += 1
        total.held += interval.low <= ratio <= interval.high
        total.rounds.append(decision.estimate.rounds)
    return total


def one_run(noise: Noise, plan: InterimPlan, ratio: float) -> Decision:
    """Add rounds up to the next look, and look, as the benchmark does."""
    ratios: list[float] = []
    while True:
        due = next(look for look in plan.rounds if look > len(ratios))
        ratios += [ratio * math.exp(row) for row in itertools.islice(noise, due - len(ratios))]
        decision = decide(ratios, plan)
        if decision.settled or due == plan.rounds[-1]:
            return decision


def peeking(source: Source, runs: int) -> int:
    """How many runs of 40 rounds would be called other at 95 % when looked at after each: what is not done."""
    random = Random(SEED)  # noqa: S311 - a simulation
    return sum(peeked(source(random)) for _ in range(runs))


def peeked(noise: Noise) -> bool:
    """True if one of the t intervals excludes no difference."""
    logs = [next(noise)]
    for row in itertools.islice(noise, 39):
        logs.append(row)
        half = student_t(0.95, len(logs) - 1) * statistics.stdev(logs) / math.sqrt(len(logs))
        if abs(statistics.fmean(logs)) > half:
            return True
    return False
