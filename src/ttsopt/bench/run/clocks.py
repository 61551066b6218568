"""The worker's clock checked by the controller's, and what its children did added to its CPU time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.run.conversation import Span
from ttsopt.bench.run.worker_result import WorkerResult, bad_answer
from ttsopt.bench.spec import FRESH
from ttsopt.domain.measurement import Scenario, Side, SpokenScenario
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
    walls = list(_walls(job, result))
    if job.turn:  # the last round may be incomplete
        spans = spans[: len(walls)]
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


def _walls(job: WorkerJob, result: WorkerResult) -> Iterator[float]:
    """The wall seconds of each part that was asked for: a text, or several at once."""
    for scenario in _complete(job, result):
        spoken = _spoken(result, scenario.name)
        if spoken.whole:
            yield spoken.whole[0]
        else:
            yield from (row.wall_seconds for row in spoken.utterances)


def _complete(job: WorkerJob, result: WorkerResult) -> Iterator[Scenario]:
    return (row for row in job.expected if row.name == FRESH or row.name in result.further)


def _spoken(result: WorkerResult, name: str) -> SpokenScenario:
    return result if name == FRESH else result.further[name]


def _with_children(job: WorkerJob, result: WorkerResult, spans: Sequence[Span]) -> WorkerResult:
    left, added = [span.children for span in spans], {}
    for scenario in _complete(job, result):
        spoken = _spoken(result, scenario.name)
        count = 1 if spoken.whole else len(spoken.utterances)
        added[scenario.name] = _added(spoken, left[:count])
        del left[:count]
    first = added.pop(FRESH)
    return replace(result, utterances=first.utterances, whole=first.whole, further=added)


def _added(spoken: SpokenScenario, children: Sequence[float]) -> SpokenScenario:
    """One scenario with the CPU seconds of children: each text's own, or shared out where all spoke at once."""
    whole, rows = spoken.whole, spoken.utterances
    each = [children[0] / len(rows)] * len(rows) if whole else children
    return SpokenScenario(
        utterances=tuple(
            replace(row, cpu_seconds=row.cpu_seconds + seconds)
            for row, seconds in zip(rows, each, strict=True)
        ),
        whole=(whole[0], whole[1] + children[0]) if whole else None,
    )
