"""The next step of a study, from what is known: a sweep, other values, the confirming run, or the end."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from ttsopt.bench.spec import BenchSpec
from ttsopt.domain.measurement import Verdict
from ttsopt.operations.tune import race
from ttsopt.operations.tune.model import Job, Kind, Ledger, Measured, PatchSet, Task
from ttsopt.operations.tune.parameters import best_values, draw, is_of_space, space_of, tried
from ttsopt.operations.tune.race import Selected, is_too_far, select

SHORTEST = 10.0  # seconds that a comparison may take, however short the budget is
MOST_ROUNDS = 18  # of a comparison that is not the last; of that, as many as `bench` makes


@dataclass(frozen=True, slots=True)
class Step:
    """Jobs to be measured now, in that order; `accepts` says of any other job if it is wanted as well.

    With none, it is over: `final` is the set, `confirmed` what the confirming run said, None if there is no set.
    """

    found: Selected
    jobs: tuple[Job, ...] = ()
    accepts: Callable[[Job], bool] = lambda _: False
    final: PatchSet = ()
    confirmed: Measured | None = None


def next_step(task: Task, ledger: Ledger) -> Step:
    """Return what is to be done next."""
    found = select(task, ledger)
    if found.wanted or not found.chosen:
        return Step(found, found.wanted)
    searching = _search(task, ledger, found)
    if searching:
        return searching
    final = best_values(task, found, ledger)
    job = Job(Kind.CONFIRM, (), final)
    while _was_cut(task, ledger, ledger.known.get(job)):
        job = replace(job, turn=job.turn + 1)
    confirmed = ledger.known.get(job)
    return Step(found, () if confirmed else (job,), final=final, confirmed=confirmed)


def _was_cut(task: Task, ledger: Ledger, row: Measured | None) -> bool:
    """True if a confirming run is undecided for want of time, and there is time for another by now."""
    if row is None or not is_undecided(task, row) or row.rounds >= task.spec.bench.most:
        return False
    return ledger.spent < race.SEARCHING * task.spec.budget


def _search(task: Task, ledger: Ledger, found: Selected) -> Step | None:
    """Try other values, as long as there is time, and until those that others try are known."""
    space = space_of(task, found.chosen)
    if not space:
        return None
    running = tuple(
        job for job in ledger.taken if job.kind is Kind.SEARCH and job.before == found.chosen
    )
    count = len(tried(task, found.chosen, ledger)) + len(running)
    is_open = count < task.spec.trials and ledger.spent < race.SEARCHING * task.spec.budget
    job = draw(task, found, ledger) if is_open else None
    jobs = (job,) if job else running

    def accepts(other: Job) -> bool:
        is_search = other.kind is Kind.SEARCH and other.before == found.chosen
        return is_search and is_of_space(other, space)

    return Step(found, jobs, accepts) if jobs else None


def spec_for(task: Task, ledger: Ledger, job: Job, among: int = 1) -> BenchSpec:
    """Return how a job is measured, `among` so many that are wanted: rounds, and seconds for them.

    The first of a study makes the fewest rounds. Others have no more than twice their share of what is left; the
    confirming run has all of it, and a fifth of the budget at least. Values that are surely worse than the best
    known ones lose the race at an analysis.
    """
    spec, budget = task.spec.bench, task.spec.budget
    if _pace(ledger) is None:  # nobody knows how long a round takes: the fewest, however long
        return replace(spec, budget=math.inf, most=spec.least)
    if job.kind is Kind.CONFIRM:
        left = max(budget - ledger.spent, (1 - race.SEARCHING) * budget, _fewest(spec, ledger))
        return replace(spec, budget=left)
    share = race.SEARCHING if job.kind is Kind.SEARCH else race.ADDING
    left = (share * budget - ledger.spent) * min(1.0, 2 / among)
    left = max(left, _fewest(spec, ledger))
    most = max(spec.least, min(spec.most, MOST_ROUNDS))
    return replace(spec, budget=left, most=most, worth=_worth(task, ledger, job))


def _fewest(spec: BenchSpec, ledger: Ledger) -> float:
    """Seconds for the fewest rounds, at the pace of the slowest comparison: a figure of fewer says nothing."""
    return max(SHORTEST, (spec.least + 1) * (_pace(ledger) or 0.0))


def _pace(ledger: Ledger) -> float | None:
    """Seconds for a round, at most; None if none was measured."""
    return max(
        (row.seconds / row.rounds for row in ledger.known.values() if row.rounds), default=None
    )


def _worth(task: Task, ledger: Ledger, job: Job) -> float:
    if job.kind is not Kind.SEARCH:
        return 0.0
    rows = tried(task, job.before, ledger).values()
    return max((row.surely or 0.0 for row in rows if row.is_faster), default=0.0)


def is_confirmed(task: Task, row: Measured) -> bool:
    """True if a confirming run says that a set is faster, and its output what is promised of it."""
    is_near = not is_too_far(task, row.distance)
    return row.is_faster and row.quality != "undecided" and is_near


def is_undecided(task: Task, row: Measured) -> bool:
    """True if a confirming run says neither that a set is to be kept nor that it is not."""
    if row.is_broken or is_too_far(task, row.distance):
        return False
    is_open = row.verdict == Verdict.INCONCLUSIVE.value
    return is_open or (row.is_faster and row.quality == "undecided")
