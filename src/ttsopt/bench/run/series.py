"""The rounds so far, and whether there have to be more."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce

from ttsopt.bench.gates.forecast import forecast
from ttsopt.bench.run.clocks import ClockPair, compare_clocks
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.bench.spec import BenchSpec
from ttsopt.bench.stats.autocorrelation import serial_mean
from ttsopt.bench.stats.limited import bounds_over
from ttsopt.bench.stats.sequential import (
    Decision,
    InterimPlan,
    Line,
    decide,
    is_out,
    printed_estimate,
    with_looks,
)
from ttsopt.bench.stats.statistics import cpu_ratios, ratios
from ttsopt.domain.measurement import Bounds, Estimate, Metric, Side

Round = dict[Side, WorkerResult]
# True if every limit that was asked for is decided by now.
Enough = Callable[[Bounds], bool]
# After so many rounds, limits within their noise are said, where the first interim analysis is not earlier.
FIRST = 5


@dataclass(slots=True)
class Series:
    """The rounds so far, and whether there have to be more; those of earlier runs are in its `line`."""

    spec: BenchSpec
    plan: InterimPlan
    enough: Enough
    clock: Callable[[], float]
    measured: list[Round] = field(default_factory=list)
    started: float = field(default=0.0)
    notices: tuple[str, ...] = ()
    line: Line = field(default_factory=Line)

    def rounds(self, side: Side) -> tuple[WorkerResult, ...]:
        """The complete rounds of one side."""
        return tuple(row[side] for row in self.measured)

    def decision(self) -> Decision:
        """Return what the speedups so far say."""
        own = ratios(self.rounds(Side.BEFORE), self.rounds(Side.AFTER))
        return decide((*self.line.ratios, *own), self._looks)

    @property
    def count(self) -> int:
        """The number of rounds, with those of earlier runs."""
        return len(self.line.ratios) + len(self.measured)

    @property
    def _looks(self) -> InterimPlan:
        return with_looks(self.plan, self.line.looks)

    def rtf(self, side: Side) -> Estimate:
        """Return one side's RTF."""
        mean = serial_mean([measured.rtf for measured in self.rounds(side)])
        return printed_estimate(mean, self.plan)

    def bounds(self) -> Bounds:
        """Return what limits are judged by."""
        return bounds_over(self.rounds(Side.BEFORE), self.rounds(Side.AFTER), self.plan)

    def check_clocks(self) -> None:
        """Raise `clock-disagrees` where a side's clock lies by what only several processes show."""
        for side in Side:
            clocks = [row[side].clock for row in self.measured]
            pairs = [ClockPair(*clock) for clock in clocks if clock]
            compare_clocks(side, reduce(ClockPair.plus, pairs, ClockPair()))

    @property
    def is_settled(self) -> bool:
        """True if an interim analysis has the verdict by the clock that limits are judged by."""
        if self.spec.limits.metric is Metric.CPU:
            by_cpu = cpu_ratios(self.rounds(Side.BEFORE), self.rounds(Side.AFTER))
            if by_cpu:
                return decide(by_cpu, self.plan).settled
        return self.decision().settled

    def known(self) -> tuple[Estimate, float, tuple[str, ...]]:
        """The speedup so far, the seconds left, and the notices that were not given yet."""
        notices, self.notices = self.notices, ()
        return self.decision().estimate, self.seconds_left(), notices

    def add(self, measured: Round) -> None:
        """One more round; after the first few, see which limits they cannot decide."""
        self.measured.append(measured)
        if len(self.measured) == min(FIRST, self.plan.rounds[0]):
            both = self.rounds(Side.BEFORE), self.rounds(Side.AFTER)
            self.notices = forecast(self.spec.limits, *both, self.plan, self._allowed())

    def _allowed(self) -> int:
        """Return the number of rounds that the budget has room for, at the pace so far."""
        spent, count = self.clock() - self.started, len(self.measured)
        fit = self.spec.budget / spent * count if spent > 0 else math.inf
        return max(count, int(min(self.spec.most, fit)))

    def seconds_left(self) -> float:
        """At most: what the rounds so far took, times those that may follow; or what the budget leaves."""
        spent, done = self.clock() - self.started, len(self.measured)
        pace = spent / done
        left = max(self.spec.budget - spent, (self.spec.always - done) * pace)
        return max(0.0, min((self.spec.most - self.count) * pace, left))

    @property
    def is_over(self) -> bool:
        """True if the budget leaves no room for another round, or an interim analysis finds everything decided."""
        if self.is_lost or (self.is_settled and self.enough(self.bounds())):
            return True
        count, spent = len(self.measured), self.clock() - self.started
        return count >= self.spec.always and spent * (count + 1) / count > self.spec.budget

    @property
    def is_lost(self) -> bool:
        """True if an interim analysis finds that a race is lost."""
        return self.count in self._looks.rounds and is_out(self.decision(), self.spec.worth)
