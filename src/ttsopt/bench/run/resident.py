"""Rounds of two pairs of processes that stay loaded, and speak a text a round in turn (turns.py).

Loading and warm-up are paid four times in all, not once a side and round. What that costs is said in the result: a
process's own bias is in no interval, and gains at loading are not measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from ttsopt.bench.job import Task, Took, WorkerJob
from ttsopt.bench.run.runner import Runner
from ttsopt.bench.run.schedule import Pair
from ttsopt.bench.run.series import Round, Series
from ttsopt.bench.run.turns import GoneError, Turns
from ttsopt.bench.run.worker_errors import silent
from ttsopt.bench.run.worker_result import WorkerResult, bad_answer
from ttsopt.bench.spec import REPEAT, BenchSpec
from ttsopt.bench.stats.pairs import PAIRS, plan_of_pair
from ttsopt.bench.stats.sequential import Line, goes_on
from ttsopt.boundary.memory import available_memory
from ttsopt.domain.measurement import Side, SpokenScenario, SpokenUtterance
from ttsopt.errors import CannotRunError

Cut = CannotRunError | KeyboardInterrupt | None
# Errors that leave no figure of earlier rounds to be believed.
VOID = frozenset({"clock-disagrees", "shared-touched", "cache-changed"})
# The id of the text of each round, by which rounds are compared.
TEXT = "text"
# An interrupted process writes down what it has within so many seconds, or is killed.
BREAK_SECONDS = 5.0
GIB = 2**30


def measure_resident(
    runner: Runner, series: Series, order: Sequence[Pair], traced: WorkerResult
) -> tuple[tuple[int, ...], Cut]:
    """Add the rounds of both pairs to `series`; return how many each had, and what cut them short.

    Raises:
        CannotRunError: `too-little-memory`; or as `Runner.run`, where no round is complete.
    """
    runner.say(Task.MEASURE, Side.BEFORE, notices=(_memory(traced),))
    counts = [0] * PAIRS
    lines = dict(enumerate(runner.spec.earlier or (Line(),) * PAIRS))
    going = [number for number in lines if goes_on(lines[number], plan_of_pair(series.plan))]
    for done, number in enumerate(going):
        first, left = len(series.measured), len(going) - done
        cut, is_lost = _speak_on(runner, series, order[first:], lines[number], left)
        counts[number] = len(series.measured) - first
        if cut or is_lost:
            return tuple(counts[: number + 1]), cut
    return tuple(counts), None


def _speak_on(
    runner: Runner, series: Series, order: Sequence[Pair], line: Line, left: int
) -> tuple[Cut, bool]:
    """One pair of the `left` that are to speak; return what cut it short, and if it has lost the race."""
    half = _half(runner.spec, series, left)
    interim = Series(half, plan_of_pair(series.plan), series.enough, series.clock, line=line)
    pair, first = _Pair(runner, interim, series.started), len(series.measured)
    try:
        cut = pair.run(series, order[: half.most - interim.count])
    except (CannotRunError, KeyboardInterrupt) as error:
        if not series.measured or getattr(error, "code", "") in VOID:
            raise
        cut = error
    return cut, len(series.measured) > first and interim.is_lost


def _half(spec: BenchSpec, series: Series, left: int) -> BenchSpec:
    """The spec of one pair: its share of the rounds, and of the seconds that are left, its loading included."""
    seconds = spec.budget - (series.clock() - series.started)
    return replace(
        spec,
        least=spec.least // PAIRS,
        most=spec.most // PAIRS,
        always=spec.always // PAIRS,
        budget=max(0.0, seconds / left),
    )


def _memory(traced: WorkerResult) -> str:
    """Say the memory of both sides, from what the after side took in its trace.

    Raises:
        CannotRunError: `too-little-memory`.
    """
    memory, free = 2 * traced.peak_rss_bytes, available_memory()
    if free is not None and memory > free:
        raise CannotRunError(
            "too-little-memory",
            f"both sides loaded at once take about {memory / GIB:.1f} GiB, {free / GIB:.1f} GiB are free",
            "free some memory, or leave out --resident: then one side is loaded at a time",
        )
    return f"resident: about {memory / GIB:.1f} GiB for both sides together"


@dataclass(slots=True)
class _Pair:
    """One process of each side; `interim` has what they say while they run.

    By the clock of `interim`: the run was `started`, and the loading of this pair `begun`.
    """

    runner: Runner
    interim: Series
    started: float
    begun: float = 0.0

    def run(self, series: Series, order: Sequence[Pair]) -> Cut:
        """Speak until it is enough, and add to `series` the rounds that are complete and proven."""
        turns, first = Turns(self.runner.spec.time_limit), len(series.measured) + 1
        self.begun = self.interim.clock()
        cut: KeyboardInterrupt | GoneError | None = None
        jobs = {side: self._job(side, first, turns) for side in order[0]}
        running: dict[Side, Future[WorkerResult]] = {}
        with ThreadPoolExecutor(len(jobs)) as pool:
            try:
                self._start(pool, jobs, running, turns)
                self._speak(turns, order, first)
            except (KeyboardInterrupt, GoneError) as error:
                cut = error
            finally:
                self._end(turns, cut)
            results = _results(turns, jobs, running, cut)
        if isinstance(cut, GoneError):
            raise bad_answer(
                jobs[cut.side], "it ended before its turn, or hides what its text took"
            )
        self._add(series, jobs, results)
        return cut if isinstance(cut, KeyboardInterrupt) else None

    def _end(self, turns: Turns, cut: KeyboardInterrupt | GoneError | None) -> None:
        """Have both write down what they have; who is interrupted waits for no text, and for nothing in vain."""
        if not isinstance(cut, KeyboardInterrupt):
            turns.close()
        elif self.interim.measured:
            turns.break_off()
        else:
            turns.kill()

    def _job(self, side: Side, first: int, turns: Turns) -> WorkerJob:
        self.runner.done += 1
        return self.runner.job(Task.MEASURE, side, first, turns.of(side))

    def _start(
        self,
        pool: ThreadPoolExecutor,
        jobs: Mapping[Side, WorkerJob],
        running: dict[Side, Future[WorkerResult]],
        turns: Turns,
    ) -> None:
        """Load one side after the other, so that neither takes the other's core."""
        for side, job in jobs.items():
            self.runner.say(Task.MEASURE, side, 0)
            running[side] = pool.submit(self.runner.executor.run, job)
            running[side].add_done_callback(partial(_tell, turns, side))
            turns.ready(side)

    def _speak(self, turns: Turns, order: Sequence[Pair], first: int) -> None:
        """Round after round, until this pair has decided what is asked, or its share of the budget is spent."""
        self.interim.started = self.interim.clock()
        seconds = self.interim.spec.budget - (self.interim.started - self.begun)
        self.interim.spec = replace(self.interim.spec, budget=max(0.0, seconds))
        for number, pair in enumerate(order, start=first):
            self.interim.add({side: self._text(turns, side, number) for side in pair})
            if number == 1:
                self.interim.notices += self._long()
            if first > 1 and number == first:
                for side in pair:  # what the first round spoke, not timed
                    turns.speak(side)
            is_enough = self.interim.count >= self.interim.spec.least
            if is_enough and self.interim.is_over:
                return

    def _long(self) -> tuple[str, ...]:
        """Say after the first round if the fewest rounds take longer than there is time for."""
        spec, now = self.runner.spec, self.interim.clock()
        rest = (spec.least - 1) * (now - self.interim.started) + now - self.begun
        seconds = now - self.started + rest
        if seconds <= spec.budget or spec.always:
            return ()
        return (
            (
                f"{spec.least} rounds take about {seconds:.0f} s in all, "
                f"more than the budget of {spec.budget:.0f} s, and are spoken all the same"
            ),
        )

    def _text(self, turns: Turns, side: Side, number: int) -> WorkerResult:
        self.runner.say(Task.MEASURE, side, number, self.interim)
        took = turns.speak(side)
        self.runner.done += 1
        return _brief(took)

    def _add(
        self, series: Series, jobs: Mapping[Side, WorkerJob], results: Mapping[Side, WorkerResult]
    ) -> None:
        for side, result in results.items():
            self.runner.accept(jobs[side], result)
        by_side = [[(side, row) for row in rounds_of(result)] for side, result in results.items()]
        rounds: list[Round] = [dict(row) for row in zip(*by_side, strict=False)]
        series.measured.extend(rounds[: len(self.interim.measured)])
        series.check_clocks()


def _tell(turns: Turns, side: Side, _: Future[WorkerResult]) -> None:
    turns.ended(side)


def _results(
    turns: Turns,
    jobs: Mapping[Side, WorkerJob],
    running: Mapping[Side, Future[WorkerResult]],
    cut: KeyboardInterrupt | GoneError | None,
) -> dict[Side, WorkerResult]:
    """Wait for what both processes write down; the error of the one that is gone goes before.

    Raises:
        CannotRunError: As `Executor.run`.
        KeyboardInterrupt: `cut`, where they have nothing, or do not write it down within BREAK_SECONDS.
    """
    seconds = BREAK_SECONDS if isinstance(cut, KeyboardInterrupt) else turns.seconds
    sides = sorted(running, key=lambda side: not (isinstance(cut, GoneError) and cut.side is side))
    try:
        if isinstance(cut, GoneError) and cut.is_hung:
            raise silent(jobs[cut.side], turns.seconds)
        return {side: running[side].result(seconds) for side in sides}
    except (TimeoutError, CannotRunError) as error:
        if isinstance(cut, KeyboardInterrupt) and getattr(error, "code", "") not in VOID:
            raise cut from None
        if isinstance(error, CannotRunError):
            raise
        raise silent(jobs[sides[0]], turns.seconds) from error
    finally:
        if not all(one.done() for one in running.values()):
            turns.kill()


def _brief(took: Took) -> WorkerResult:
    """Return what a process says of a text before its result is there: enough to see whether another is wanted."""
    row = SpokenUtterance(TEXT, took.wall, took.cpu, took.audio, 0, "", "")
    return WorkerResult(utterances=(row,))


def rounds_of(result: WorkerResult) -> list[WorkerResult]:
    """Split what one resident process spoke into its rounds."""
    further = [row for name, row in result.further.items() if name != REPEAT]
    blank = replace(result, further={}, clock=None)
    rounds = [replace(blank, utterances=_named(row)) for row in (result, *further)]
    again = result.further.get(REPEAT)
    repeated = {REPEAT: SpokenScenario(utterances=_named(again))} if again else {}
    rounds[0] = replace(rounds[0], clock=result.clock, further=repeated)
    return rounds


def _named(row: SpokenScenario) -> tuple[SpokenUtterance, ...]:
    return tuple(replace(one, id=TEXT) for one in row.utterances)
