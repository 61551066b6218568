"""The benchmark: prepare, trace both sides, then rounds of fresh processes until all is decided."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce

from ttsopt.bench.gates.forecast import forecast
from ttsopt.bench.outputs.rounds import compare_rounds, own_differences, repeatable
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.clocks import ClockPair, compare_clocks
from ttsopt.bench.run.executor import Executor
from ttsopt.bench.run.isolation import is_filled, kernel_choices
from ttsopt.bench.run.provenance import exercise, patches_never_run, prove
from ttsopt.bench.run.schedule import Pair, drawn_order
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.bench.spec import BenchSetup, BenchSpec, Task, WorkerJob
from ttsopt.bench.stats.autocorrelation import serial_mean
from ttsopt.bench.stats.limited import bounds_over
from ttsopt.bench.stats.sequential import (
    Decision,
    InterimPlan,
    decide,
    interim_plan,
    printed_estimate,
)
from ttsopt.bench.stats.statistics import cpu_ratios, ratios
from ttsopt.domain.measurement import Bounds, Estimate, Metric, Side, SpokenUtterance, Verdict
from ttsopt.errors import CannotRunError, UsageError

Round = dict[Side, WorkerResult]
# Errors that leave no figure of earlier rounds to be believed.
VOID = frozenset({"clock-disagrees", "shared-touched", "cache-changed"})
# True if every limit that was asked for is decided by now.
Enough = Callable[[Bounds], bool]
# After so many rounds, limits within their noise are said, where the first interim analysis is not earlier.
FIRST = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """Said before each process: `done` of at most `total` ended; `round` is 1-based, 0 outside rounds.

    `speedup` is what the rounds so far say, None before the first; `seconds_left` at most, None: not known.
    `comparison` names it where there are several. `notices`: sentences on limits within the noise of the first
    rounds, said once.
    """

    done: int
    total: int
    task: Task
    side: Side
    round: int = 0
    speedup: Estimate | None = None
    seconds_left: float | None = None
    notices: tuple[str, ...] = ()
    comparison: str = ""


def run_benchmark(
    spec: BenchSpec,
    setup: BenchSetup,
    executor: Executor,
    progress: Callable[[Progress], None] = lambda _: None,
    enough: Enough = lambda _: True,
    clock: Callable[[], float] = time.monotonic,
) -> BenchmarkResult:
    """Measure the before snapshot against the after snapshot, until the verdict is in and `enough` is known.

    CannotRunError where a process fails, where the code that ran is not the code under test, or
    where the before side gives no audio to compare with. After a complete round, that and
    KeyboardInterrupt end the run with the rounds so far.
    """
    if spec.least < 1 or not setup.scenarios[0].utterances:
        raise UsageError("nothing-to-measure", "no round, or no text to speak", "--rounds 5")
    series = _Series(spec, interim_plan(spec.least, spec.most), enough, clock)
    runner = _Runner(spec, setup, executor, progress)
    runner.run(Task.PREPARE, Side.BEFORE)
    runner.run(Task.TRACE, Side.BEFORE)
    traced = runner.run(Task.TRACE, Side.AFTER)
    for side in Side:
        if is_filled(setup.work, side):
            runner.run(Task.FILL, side)
    seed = secrets.randbits(32) if spec.order_seed is None else spec.order_seed
    order = drawn_order(spec.most, seed)
    cut = _measure(runner, series, order)
    return _result(series, setup, traced, cut, seed, order)


@dataclass(slots=True)
class _Runner:
    """Starts process after process and refuses every result that proves nothing."""

    spec: BenchSpec
    setup: BenchSetup
    executor: Executor
    progress: Callable[[Progress], None]
    done: int = field(default=0)
    total: int = field(init=False)

    def __post_init__(self) -> None:
        self.total = 3 + 2 * self.spec.most

    def run(
        self, task: Task, side: Side, round_: int = 0, so_far: _Series | None = None
    ) -> WorkerResult:
        self.total += task is Task.FILL
        known = so_far.known() if so_far and so_far.measured else ()
        self.progress(Progress(self.done, self.total, task, side, round_, *known))
        control = self.setup.work / "control" / f"{self.done:03}-{task.value}-{side.value}"
        job = WorkerJob(self.spec, self.setup, task, side, control, round_)
        result = self.executor.run(job)
        if task is not Task.PREPARE:
            prove(job, result)
            _require_audio(side, result)
        self.done += 1
        return result


@dataclass(slots=True)
class _Series:
    """The rounds so far, and whether there have to be more."""

    spec: BenchSpec
    plan: InterimPlan
    enough: Enough
    clock: Callable[[], float]
    measured: list[Round] = field(default_factory=list)
    started: float = field(default=0.0)
    notices: tuple[str, ...] = ()

    def rounds(self, side: Side) -> tuple[WorkerResult, ...]:
        return tuple(row[side] for row in self.measured)

    def decision(self) -> Decision:
        return decide(ratios(self.rounds(Side.BEFORE), self.rounds(Side.AFTER)), self.plan)

    def rtf(self, side: Side) -> Estimate:
        mean = serial_mean([measured.rtf for measured in self.rounds(side)])
        return printed_estimate(mean, self.plan)

    def bounds(self) -> Bounds:
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
        """How many rounds the budget has room for, at the pace so far."""
        spent, count = self.clock() - self.started, len(self.measured)
        fit = self.spec.budget / spent * count if spent > 0 else math.inf
        return max(count, int(min(self.spec.most, fit)))

    def seconds_left(self) -> float:
        """At most: what the rounds so far took, times those that may follow; or what the budget leaves."""
        spent = self.clock() - self.started
        rounds = (self.spec.most - len(self.measured)) * spent / len(self.measured)
        return max(0.0, min(rounds, self.spec.budget - spent))

    @property
    def is_over(self) -> bool:
        """True if the budget leaves no room for another round, or an interim analysis finds everything decided."""
        count, spent = len(self.measured), self.clock() - self.started
        if spent * (count + 1) / count > self.spec.budget:
            return True
        return self.is_settled and self.enough(self.bounds())


Cut = CannotRunError | KeyboardInterrupt | None


def _measure(runner: _Runner, series: _Series, order: tuple[Pair, ...]) -> Cut:
    """Run round after round; return what cut them short, if anything did."""
    series.started = series.clock()
    try:
        for number, pair in enumerate(order, start=1):
            done = {side: runner.run(Task.MEASURE, side, number, series) for side in pair}
            series.add(done)
            series.check_clocks()
            if series.is_over:
                return None
    except (CannotRunError, KeyboardInterrupt) as cut:
        if not series.measured or getattr(cut, "code", "") in VOID:
            raise
        return cut
    return None


def _result(
    series: _Series,
    setup: BenchSetup,
    traced: WorkerResult,
    cut: Cut,
    seed: int,
    order: tuple[Pair, ...],
) -> BenchmarkResult:
    decision, watched = series.decision(), setup.files(Side.AFTER)
    before, after = series.rounds(Side.BEFORE), series.rounds(Side.AFTER)
    never_run = patches_never_run(watched, traced)
    results = [result for row in series.measured for result in row.values()]
    return BenchmarkResult(
        spec=series.spec,
        scenarios=setup.scenarios,
        order_seed=seed,
        order=order[: len(before)],
        before=before,
        after=after,
        speedup=decision.estimate,
        rtf={side: series.rtf(side) for side in Side},
        bounds=series.bounds(),
        verdict=Verdict.NOT_EXERCISED if never_run else decision.verdict,
        outputs=compare_rounds(before, after),
        own=own_differences(before),
        repeatable={Side.BEFORE: repeatable(before), Side.AFTER: repeatable(after)},
        exercised=exercise(watched, traced),
        never_run=never_run,
        bad_audio=tuple(dict.fromkeys(row for result in results for row in _bad_audio(result))),
        stubs=tuple(dict.fromkeys(row for result in results for row in result.stubs)),
        interrupted=isinstance(cut, KeyboardInterrupt),
        failure=cut if isinstance(cut, CannotRunError) else None,
        kernels=kernel_choices(setup.work),
    )


def _require_audio(side: Side, result: WorkerResult) -> None:
    """Without audio there is no RTF; a bad before side leaves nothing to compare with."""
    bad = _bad_audio(result)
    empty = [f"{row.id} has no length" for row in result.spoken if row.audio_seconds == 0]
    if empty or (bad and side is Side.BEFORE):
        raise CannotRunError(
            "bad-audio",
            f"the {side.value} side gave no usable audio: {'; '.join(empty or bad)}",
            "run it outside ttsopt first: without any patch it must speak"
            if side is Side.BEFORE
            else "a patch breaks it: leave patches out one by one (-p)",
        )


def _bad_audio(result: WorkerResult) -> list[str]:
    return [f"{row.id} {_defect(row)}" for row in result.spoken if row.silent or not row.finite]


def _defect(row: SpokenUtterance) -> str:
    return "is silent" if row.finite else "holds values that are not finite"
