"""The worker's clock checked by the controller's, and what its children did added to its CPU time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ttsopt.bench.run.conversation import Span
from ttsopt.bench.run.worker_result import PassRow, SpokenRow, WorkerResult, bad_answer
from ttsopt.bench.spec import FRESH, Task, WorkerJob
from ttsopt.domain.measurement import Side
from ttsopt.errors import CannotRunError

# Between the two clocks lie two messages, and on a crowded machine each process waits for its turn: 0.1 s, where
# sixteen wanted two cores. A clock that lies by less is found once more rounds add up.
SHARE = 0.1
SECONDS_A_TEXT = 0.1
SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class ClockPair:
    """Seconds of speaking as a worker says, and as ttsopt saw from outside; of so many texts."""

    said: float = 0.0
    seen: float = 0.0
    texts: int = 0

    def plus(self, other: ClockPair) -> ClockPair:
        """Both together."""
        return ClockPair(self.said + other.said, self.seen + other.seen, self.texts + other.texts)


def check_clocks(job: WorkerJob, result: WorkerResult, spans: Sequence[Span]) -> WorkerResult:
    """Return the result with the CPU seconds of child processes in it.

    Raises:
        CannotRunError: `clock-disagrees`, or `bad-answer` where it spoke what it did not ask for.
    """
    if job.task not in (Task.MEASURE, Task.FILL, Task.TRACE):
        return result
    walls = [seconds for one in _passes(job, result) for seconds in one]
    if len(walls) != len(spans):
        raise bad_answer(job, f"it spoke without asking for a text: {len(spans)} were given out")
    clock = ClockPair(sum(walls), sum(span.wall for span in spans), len(spans))
    compare_clocks(job.side, clock)
    return replace(_with_children(job, result, spans), clock=(clock.said, clock.seen, clock.texts))


def compare_clocks(side: Side, clock: ClockPair) -> None:
    """Compare what the worker's clock and ttsopt's say, of one process or of several.

    Raises:
        CannotRunError: `clock-disagrees`.
    """
    slack = SHARE * max(clock.said, clock.seen) + SECONDS_A_TEXT * clock.texts + SECONDS
    if abs(clock.seen - clock.said) > slack:
        raise CannotRunError(
            "clock-disagrees",
            f"the {side.value} side says that speaking took {clock.said:.3g} s; "
            f"by ttsopt's own clock it was {clock.seen:.3g} s",
            "no figure of it counts: look in the checkout for what changes clocks, or, if the machine was "
            "stopped or overloaded meanwhile, run the same command again",
        )


def _passes(job: WorkerJob, result: WorkerResult) -> Iterator[list[float]]:
    """The wall seconds of each text that was asked for, scenario by scenario."""
    rows = [PassRow(FRESH, result.utterances, result.wall_seconds, 0.0), *result.further]
    for scenario, row in zip(job.expected, rows, strict=True):
        at_once = scenario.concurrency > 1
        yield [row.wall_seconds] if at_once else [one.wall_seconds for one in row.utterances]


def _with_children(job: WorkerJob, result: WorkerResult, spans: Sequence[Span]) -> WorkerResult:
    left = [span.children for span in spans]
    rows = [PassRow(FRESH, result.utterances, result.wall_seconds, result.cpu_seconds)]
    rows += result.further
    added = []
    for scenario, row in zip(job.expected, rows, strict=True):
        count = 1 if scenario.concurrency > 1 else len(row.utterances)
        added.append(_added(row, left[:count]))
        del left[:count]
    first, *further = added
    return replace(
        result,
        utterances=first.utterances,
        cpu_seconds=first.cpu_seconds,
        further=tuple(further),
    )


def _added(row: PassRow, children: Sequence[float]) -> PassRow:
    """One pass with the CPU seconds of children: each text's own, or shared out where all spoke at once."""
    count = len(row.utterances)
    each = children if len(children) == count else [children[0] / count] * count
    utterances: tuple[SpokenRow, ...] = tuple(
        replace(one, cpu_seconds=one.cpu_seconds + seconds)
        for one, seconds in zip(row.utterances, each, strict=True)
    )
    return replace(row, utterances=utterances, cpu_seconds=row.cpu_seconds + sum(children))
