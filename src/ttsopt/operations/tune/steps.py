"""The next step of a study, from what is known: a sweep, other values, the confirming run, or the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ttsopt.bench.spec import BenchSpec
from ttsopt.bench.stats.pairs import PAIRS, plan_of_pair
from ttsopt.bench.stats.sequential import Line, goes_on, interim_plan
from ttsopt.bench.stats.statistics import SAME_MARGIN
from ttsopt.domain.measurement import Verdict
from ttsopt.operations.tune import race
from ttsopt.operations.tune.model import Job, Kind, Ledger, Measured, PatchSet, Task
from ttsopt.operations.tune.parameters import best_values, draw, is_of_space, space_of, tried
from ttsopt.operations.tune.race import Selected, is_too_far, select

MOST_ROUNDS = (
    18  # of a comparison that is not the last, a pair of resident processes; of that, as `bench`
)


@dataclass(frozen=True, slots=True)
class Step:
    """Jobs to be measured now, in that order; `accepts` says of any other job if it is wanted as well.

    `until` is the share of the budget that may be spent by then. With no job, it is over: `final` is the set,
    `confirmed` what the confirming run said, None if there is no set.
    """

    found: Selected
    jobs: tuple[Job, ...] = ()
    until: float = 1.0
    accepts: Callable[[Job], bool] = lambda _: False
    final: PatchSet = ()
    confirmed: Measured | None = None


def next_step(task: Task, ledger: Ledger) -> Step:
    """Return what is to be done next."""
    found = select(task, ledger)
    if found.wanted or not found.chosen:
        return Step(found, found.wanted, found.until)
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
    """True if a confirming run is undecided for want of time, and there is time to go on with it by now."""
    if row is None or not is_undecided(task, row) or row.rounds >= task.spec.bench.most:
        return False
    has_time = ledger.spent < race.SEARCHING * task.spec.budget
    return race.is_short(row, task.spec.bench.least) or has_time


def more_budget(ledger: Ledger) -> int:
    """Return the seconds of a budget with which a confirming run that was cut goes on."""
    return 100 * math.ceil((ledger.spent / race.SEARCHING + 1) / 100)


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

    return Step(found, jobs, race.SEARCHING, accepts) if jobs else None


def spec_for(task: Task, ledger: Ledger, job: Job, among: int = 1, until: float = 1.0) -> BenchSpec:
    """Return how a job is measured, `among` so many that are wanted: rounds, and seconds for them.

    None has more than twice its share of what is left, and each makes the fewest rounds, however long they take.
    The confirming run has all that is left, and its reserve at least. What is for sure not faster by as much as
    counts leaves the race, and so do values that are worse than the best known ones.
    """
    spec, budget = task.spec.bench, task.spec.budget
    if job.kind is Kind.CONFIRM:
        left = max(budget - ledger.spent, (1 - race.SEARCHING) * budget)
        return replace(spec, budget=left, always=spec.least, earlier=_earlier(spec, ledger, job))
    left = max(0.0, until * budget - ledger.spent) * min(1.0, 2 / among)
    most = max(spec.least, min(spec.most, MOST_ROUNDS * (PAIRS if spec.resident else 1)))
    worth = _worth(task, ledger, job)
    spec = replace(spec, budget=left, most=most, always=spec.least, worth=worth)
    return replace(spec, earlier=_earlier(spec, ledger, job))


def _earlier(spec: BenchSpec, ledger: Ledger, job: Job) -> tuple[Line, ...]:
    """The rounds of the turns before, a line for each pair; none where no line of them can go on."""
    turns = [row.lines for row in ledger.turns(job)[: job.turn]]
    plan = interim_plan(spec.least, spec.most)
    count, plan = (PAIRS, plan_of_pair(plan)) if spec.resident else (1, plan)
    lines = tuple(_line([rows[i] for rows in turns if i < len(rows)]) for i in range(count))
    is_long = any(len(line.ratios) > plan.rounds[-1] for line in lines)
    has_any = any(line.ratios for line in lines)
    is_going = has_any and not is_long and any(goes_on(line, plan) for line in lines)
    return lines if is_going else ()


def _line(turns: Sequence[tuple[float, ...]]) -> Line:
    return Line(turns[-1], tuple(map(len, turns))) if turns else Line()


def _worth(task: Task, ledger: Ledger, job: Job) -> float:
    rows = tried(task, job.before, ledger).values() if job.kind is Kind.SEARCH else ()
    best = [row.surely or 0.0 for row in rows if row.is_faster]
    return max((1 + SAME_MARGIN, *best))


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
