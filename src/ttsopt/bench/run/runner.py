"""Starts process after process and refuses every result that proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ttsopt.bench.job import Task, Turn, WorkerJob
from ttsopt.bench.run.executor import Executor
from ttsopt.bench.run.provenance import prove
from ttsopt.bench.run.series import Series
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.bench.spec import BenchSetup, BenchSpec
from ttsopt.domain.measurement import Estimate, Side, SpokenUtterance
from ttsopt.errors import CannotRunError


@dataclass(frozen=True, slots=True)
class Progress:
    """Said before each process: `done` of at most `total` ended; `round` is 1-based, 0 outside rounds.

    `speedup` is what the rounds so far say, None before the first; `seconds_left` at most, None: not known.
    `comparison` names it where there are several. `notices`: sentences on limits within the noise of the first
    rounds, and on what a resident run needs, said once.
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


@dataclass(slots=True)
class Runner:
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
        self, task: Task, side: Side, round_: int = 0, so_far: Series | None = None
    ) -> WorkerResult:
        """Run one process to its end."""
        self.total += task is Task.FILL
        self.say(task, side, round_, so_far)
        job = self.job(task, side, round_)
        result = self.executor.run(job)
        self.accept(job, result)
        self.done += 1
        return result

    def job(self, task: Task, side: Side, round_: int, turn: Turn | None = None) -> WorkerJob:
        """Make the job of a process, with a folder of its own."""
        control = self.setup.work / "control" / f"{self.done:03}-{task.value}-{side.value}"
        return WorkerJob(self.spec, self.setup, task, side, control, round_, turn)

    def say(
        self,
        task: Task,
        side: Side,
        round_: int = 0,
        so_far: Series | None = None,
        notices: tuple[str, ...] = (),
    ) -> None:
        """Tell the progress."""
        known = so_far.known() if so_far and so_far.measured else (None, None, notices)
        self.progress(Progress(self.done, self.total, task, side, round_, *known))

    def accept(self, job: WorkerJob, result: WorkerResult) -> None:
        """Refuse a result that proves nothing, or is nothing to measure.

        Raises:
            CannotRunError: As `prove`, or `bad-audio`.
        """
        if job.task is not Task.PREPARE:
            prove(job, result)
            _require_audio(job.side, result)


def _require_audio(side: Side, result: WorkerResult) -> None:
    """Without audio there is no RTF; a bad before side leaves nothing to compare with."""
    bad = bad_audio(result)
    empty = [f"{row.id} has no length" for row in result.spoken if row.audio_seconds == 0]
    if empty or (bad and side is Side.BEFORE):
        raise CannotRunError(
            "bad-audio",
            f"the {side.value} side gave no usable audio: {'; '.join(empty or bad)}",
            "run it outside ttsopt first: without any patch it must speak"
            if side is Side.BEFORE
            else "a patch breaks it: leave patches out one by one (-p)",
        )


def bad_audio(result: WorkerResult) -> list[str]:
    """Sentences without their subject on outputs that are silent or not finite."""
    return [f"{row.id} {_defect(row)}" for row in result.spoken if row.silent or not row.finite]


def _defect(row: SpokenUtterance) -> str:
    return "is silent" if row.finite else "holds values that are not finite"
