"""Forward selection as a race: which comparisons are wanted next, from those that are known.

Pure functions: every worker of a study comes to the same answer from the same outcomes, so that nothing but the
outcomes has to be shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ttsopt.bench.stats.statistics import SAME_MARGIN
from ttsopt.operations.tune.model import Candidate, Job, Kind, Ledger, Measured, PatchSet, Task

# Of the budget, so much may be spent when the last patch is swept over, when the last undecided one is measured
# again while winners wait, when the last one is added, when the last values are tried; the rest is the reserve of
# the confirming run.
SWEEPING, AGAIN, ADDING, SEARCHING = 0.5, 0.6, 0.7, 0.8


@dataclass(frozen=True, slots=True)
class Latest:
    """The last outcome of a candidate, and the gain of the set that it was measured on."""

    measured: Measured
    gain: float


@dataclass(frozen=True, slots=True)
class Selected:
    """The set so far, its gain over the original as the product of what was measured, and its distance at most.

    `wanted` are the comparisons to be made now, in that order, and `until` the share of the budget that may be
    spent by then; with none, the selection is over. `latest` is by patch.
    """

    chosen: PatchSet = ()
    gain: float = 1.0
    distance: float | None = 0.0
    wanted: tuple[Job, ...] = ()
    latest: Mapping[str, Latest] = field(default_factory=dict)
    until: float = ADDING


def select(task: Task, ledger: Ledger) -> Selected:
    """Sweep after sweep over the candidates that are left, until none is faster on top of those chosen.

    A sweep compares each with the set so far, and goes on with what is undecided; then the winners are added, the
    largest gain first, each only if it is still faster on top of those before it. Out of time, what is not known
    is left out.
    """
    state = Selected()
    while True:
        runners = [row for row in task.candidates if _is_in_the_race(task, row, state)]
        jobs = {row: select_job(task, state.chosen, row) for row in runners}
        for missing, until in (_first(task, ledger, jobs), _again(ledger, state, jobs)):
            if missing and ledger.spent < until * task.spec.budget:
                return replace(state, wanted=missing, until=until)
        state = _with_latest(state, {row.patch: ledger.last(jobs[row]) for row in runners})
        grown = _add_winners(task, ledger, state, runners)
        if grown.wanted or grown.chosen == state.chosen:
            return grown
        state = grown


def select_job(task: Task, chosen: PatchSet, candidate: Candidate) -> Job:
    """The comparison of a set with the same set and one candidate more."""
    return Job(Kind.SELECT, chosen, task.with_needed(chosen, candidate))


def _first(
    task: Task, ledger: Ledger, jobs: Mapping[Candidate, Job]
) -> tuple[tuple[Job, ...], float]:
    """The comparisons that have not the fewest rounds yet, and how much of the budget may be spent for them."""
    least = task.spec.bench.least
    return _turns(
        ledger, [job for job in jobs.values() if is_short(ledger.last(job), least)]
    ), SWEEPING


def is_short(row: Measured | None, least: int) -> bool:
    """True if a comparison was not made, or somebody ended it before its fewest rounds."""
    return row is None or (row.is_open and row.rounds < least)


def _again(
    ledger: Ledger, state: Selected, jobs: Mapping[Candidate, Job]
) -> tuple[tuple[Job, ...], float]:
    """The undecided ones that seem to be faster, the largest gain first; winners that wait need time too."""
    last = {row: ledger.last(job) or _latest(state, row) for row, job in jobs.items()}
    found = {row: one.speedup for row, one in last.items() if one and one.is_promising}
    wanted = _turns(ledger, [jobs[row] for row in sorted(found, key=lambda one: -found[one])])
    has_won = any(row is not None and row.is_faster for row in map(ledger.last, jobs.values()))
    return wanted, AGAIN if has_won else SEARCHING


def _latest(state: Selected, candidate: Candidate) -> Measured | None:
    latest = state.latest.get(candidate.patch)
    return latest.measured if latest else None


def _turns(ledger: Ledger, jobs: Iterable[Job]) -> tuple[Job, ...]:
    return tuple(ledger.next_turn(job) for job in dict.fromkeys(jobs))


def _add_winners(task: Task, ledger: Ledger, state: Selected, runners: list[Candidate]) -> Selected:
    swept = {row: ledger.last(select_job(task, state.chosen, row)) for row in runners}
    winners = {row: found for row, found in swept.items() if found and found.is_faster}
    for row in sorted(winners, key=lambda one: -winners[one].speedup):
        if any(one.patch == row.patch for one in state.chosen):
            continue  # it came with one that requires it
        job = select_job(task, state.chosen, row)
        found = ledger.last(job)
        if (found is None or found.is_promising) and ledger.spent < ADDING * task.spec.budget:
            return replace(state, wanted=(ledger.next_turn(job),), until=ADDING)
        state = _with_latest(state, {row.patch: found})
        if found and found.is_faster:
            state = _grown(task, state, job, found)
    return state


def _grown(task: Task, state: Selected, job: Job, found: Measured) -> Selected:
    distance = added_distance(state.distance, found.distance)
    if is_too_far(task, distance):
        return state
    return Selected(job.after, state.gain * found.speedup, distance, (), state.latest)


def added_distance(before: float | None, further: float | None) -> float | None:
    """Return how far two steps lead at most (triangle inequality); None where that is not known."""
    return None if before is None or further is None else before + further


def is_too_far(task: Task, distance: float | None) -> bool:
    """True if the output is further from the original's than was asked, or nobody can tell."""
    limit = task.spec.max_distance
    return limit is not None and (distance is None or distance > limit)


def _is_in_the_race(task: Task, candidate: Candidate, state: Selected) -> bool:
    """True if it is not chosen, and may still be faster: what it saves counts for more once the rest is faster."""
    if any(one.patch == candidate.patch for one in state.chosen):
        return False
    latest = state.latest.get(candidate.patch)
    if latest is None:
        return True
    if latest.measured.is_hopeless or latest.gain == state.gain:  # or nothing has changed since
        return False
    if is_too_far(task, added_distance(state.distance, latest.measured.distance)):
        return False
    saved = (1 - 1 / latest.measured.speedup) * state.gain / latest.gain
    return saved >= 1 - 1 / (1 + SAME_MARGIN)


def _with_latest(state: Selected, found: Mapping[str, Measured | None]) -> Selected:
    new = {patch: Latest(row, state.gain) for patch, row in found.items() if row}
    return Selected(state.chosen, state.gain, state.distance, (), {**state.latest, **new})
