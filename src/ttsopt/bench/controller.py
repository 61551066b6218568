"""The benchmark: prepare once, trace both sides, then rounds of fresh processes in ABBA order."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ttsopt.bench.answer import SpokenRow, WorkerAnswer
from ttsopt.bench.executor import Executor
from ttsopt.bench.outputs import compare_rounds, repeatable
from ttsopt.bench.proof import exercise, patches_never_run, prove
from ttsopt.bench.request import BenchmarkRequest, Task, WorkerJob
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.schedule import Pair, abba_order
from ttsopt.bench.statistics import rtf_estimate, speedup, verdict
from ttsopt.domain.measurement import Side, Verdict, WorkerRound
from ttsopt.errors import CannotRunError, UsageError

Measured = dict[Side, tuple[WorkerJob, WorkerAnswer]]


@dataclass(frozen=True, slots=True)
class Progress:
    """Said before each process: `done` of `total` ended; `round` is 1-based, 0 outside rounds."""

    done: int
    total: int
    task: Task
    side: Side
    round: int = 0


def run_benchmark(
    request: BenchmarkRequest,
    executor: Executor,
    progress: Callable[[Progress], None] = lambda _: None,
) -> BenchmarkResult:
    """Measure the before view against the after view.

    CannotRunError where a process fails, where the code that ran is not the code under test, or
    where the before side gives no audio to compare with. KeyboardInterrupt after a complete round
    gives the rounds so far.
    """
    if request.rounds < 1 or not request.utterances:
        raise UsageError("nothing-to-measure", "no round, or no text to speak", "--rounds 5")
    if request.order_seed is None:
        request = replace(request, order_seed=secrets.randbits(32))
    runner = _Runner(request, executor, progress)
    runner.run(Task.PREPARE, Side.BEFORE)
    runner.run(Task.TRACE, Side.BEFORE)
    traced = runner.run(Task.TRACE, Side.AFTER)
    order = abba_order(request.rounds, request.order_seed or 0)
    rounds = _measure(runner, order)
    return _result(request, order[: len(rounds)], traced[1], rounds)


@dataclass(slots=True)
class _Runner:
    """Starts process after process and refuses every answer that proves nothing."""

    request: BenchmarkRequest
    executor: Executor
    progress: Callable[[Progress], None]
    done: int = field(default=0)

    def run(self, task: Task, side: Side, round_: int = 0) -> tuple[WorkerJob, WorkerAnswer]:
        total = 3 + 2 * self.request.rounds
        self.progress(Progress(self.done, total, task, side, round_))
        control = self.request.work / "control" / f"{self.done:03}-{task.value}-{side.value}"
        job = WorkerJob(self.request, task, side, control)
        answer = self.executor.run(job)
        if task is not Task.PREPARE:
            prove(job, answer)
            _require_audio(side, answer)
        self.done += 1
        return job, answer


def _measure(runner: _Runner, order: tuple[Pair, ...]) -> list[Measured]:
    rounds: list[Measured] = []
    try:
        for number, pair in enumerate(order, start=1):
            rounds.append({side: runner.run(Task.MEASURE, side, number) for side in pair})
    except KeyboardInterrupt:
        if not rounds:
            raise
    return rounds


def _result(
    request: BenchmarkRequest,
    order: tuple[Pair, ...],
    traced: WorkerAnswer,
    measured: list[Measured],
) -> BenchmarkResult:
    before, after = _rounds(measured, Side.BEFORE), _rounds(measured, Side.AFTER)
    ratio = speedup(before, after)
    never_run = patches_never_run(request.files_after, traced)
    answers = [answer for row in measured for _, answer in row.values()]
    return BenchmarkResult(
        request=request,
        order_seed=request.order_seed or 0,
        order=order,
        before=before,
        after=after,
        speedup=ratio,
        rtf={Side.BEFORE: rtf_estimate(before), Side.AFTER: rtf_estimate(after)},
        verdict=Verdict.NOT_EXERCISED if never_run else verdict(ratio),
        outputs=compare_rounds(before[0], after[0]),
        repeatable={Side.BEFORE: repeatable(before), Side.AFTER: repeatable(after)},
        exercised=exercise(request.files_after, traced),
        never_run=never_run,
        bad_audio=tuple(dict.fromkeys(row for answer in answers for row in _bad_audio(answer))),
        stands_in=tuple(dict.fromkeys(row for answer in answers for row in answer.stands_in)),
        interrupted=len(measured) < request.rounds,
    )


def _rounds(measured: list[Measured], side: Side) -> tuple[WorkerRound, ...]:
    jobs = (row[side] for row in measured)
    return tuple(
        answer.as_round(side, index, Path(job.control)) for index, (job, answer) in enumerate(jobs)
    )


def _require_audio(side: Side, answer: WorkerAnswer) -> None:
    """Without audio there is no RTF; a bad before side leaves nothing to compare with."""
    bad = _bad_audio(answer)
    empty = [f"{row.id} has no length" for row in answer.utterances if row.audio_seconds == 0]
    if empty or (bad and side is Side.BEFORE):
        raise CannotRunError(
            "bad-audio",
            f"the {side.value} side gave no usable audio: {'; '.join(empty or bad)}",
            "run it outside ttsopt first: without any patch it must speak"
            if side is Side.BEFORE
            else "a patch breaks it: leave patches out one by one (-p)",
        )


def _bad_audio(answer: WorkerAnswer) -> list[str]:
    return [f"{row.id} {_fault(row)}" for row in answer.utterances if row.silent or not row.finite]


def _fault(row: SpokenRow) -> str:
    return "is silent" if row.finite else "holds values that are not finite"
