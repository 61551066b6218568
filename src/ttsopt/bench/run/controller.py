"""The benchmark: prepare, trace both sides, then rounds of fresh processes until all is decided."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from ttsopt.bench.job import Task
from ttsopt.bench.outputs.rounds import compare_rounds, own_differences, repeatable
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.executor import Executor
from ttsopt.bench.run.isolation import is_filled, kernel_choices
from ttsopt.bench.run.provenance import exercise, patches_never_run, prove_exercised
from ttsopt.bench.run.resident import VOID, Cut, measure_resident
from ttsopt.bench.run.runner import Progress, Runner, bad_audio
from ttsopt.bench.run.schedule import Pair, drawn_order
from ttsopt.bench.run.series import Enough, Series
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.bench.spec import BenchSetup, BenchSpec
from ttsopt.bench.stats.pairs import bounds_in_pairs, decide_in_pairs
from ttsopt.bench.stats.sequential import interim_plan
from ttsopt.domain.measurement import Figure, Side, Verdict
from ttsopt.errors import CannotRunError, UsageError


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
    series = Series(spec, interim_plan(spec.least, spec.most), enough, clock)
    if spec.earlier and not spec.resident:
        (series.line,) = spec.earlier
    runner = Runner(spec, setup, executor, progress)
    series.started = clock()
    traced = _untimed(runner)
    if spec.worth:
        prove_exercised(setup.files(Side.AFTER), traced)
    seed = secrets.randbits(32) if spec.order_seed is None else spec.order_seed
    order = drawn_order(spec.most - series.count, seed)
    if spec.resident:
        pairs, cut = measure_resident(runner, series, order, traced)
        return _in_pairs(_result(series, setup, traced, cut, seed, order), pairs)
    return _result(series, setup, traced, _measure(runner, series, order), seed, order)


def _untimed(runner: Runner) -> WorkerResult:
    """Prepare, trace and fill; return the trace of the after side. A resident run spares the before side's."""
    runner.run(Task.PREPARE, Side.BEFORE)
    sides = (Side.AFTER,) if runner.spec.resident else tuple(Side)
    traced = {side: runner.run(Task.TRACE, side) for side in sides}
    for side in sides:
        if is_filled(runner.setup.work, side):
            runner.run(Task.FILL, side)
    return traced[Side.AFTER]


def _measure(runner: Runner, series: Series, order: tuple[Pair, ...]) -> Cut:
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
    series: Series,
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
        bad_audio=tuple(dict.fromkeys(row for result in results for row in bad_audio(result))),
        stubs=tuple(dict.fromkeys(row for result in results for row in result.stubs)),
        interrupted=isinstance(cut, KeyboardInterrupt),
        failure=cut if isinstance(cut, CannotRunError) else None,
        kernels=kernel_choices(setup.work),
    )


def _in_pairs(result: BenchmarkResult, pairs: tuple[int, ...]) -> BenchmarkResult:
    """Return a result of resident processes with what its pairs allow to say."""
    decision = decide_in_pairs(result.ratios, pairs, result.plan, result.spec.floor)
    bounds = bounds_in_pairs(result.before, result.after, pairs, result.plan)
    verdict = Verdict.NOT_EXERCISED if result.never_run else decision.verdict
    together = {**result.bounds, **bounds}
    together.pop(Figure.LOAD, None)
    return replace(result, pairs=pairs, verdict=verdict, bounds=together)
