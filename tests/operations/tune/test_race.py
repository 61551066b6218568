"""The race by itself: outcomes drawn with noise, and decided by the benchmark's own sequential statistics."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from ttsopt.bench.spec import BenchSpec
from ttsopt.bench.stats.sequential import decide, interim_plan
from ttsopt.domain.measurement import Verdict
from ttsopt.domain.patch import Parameter
from ttsopt.operations.tune.model import (
    BROKEN,
    Candidate,
    Chosen,
    Job,
    Kind,
    Ledger,
    Measured,
    PatchSet,
    Task,
    TuneSpec,
    Values,
)
from ttsopt.operations.tune.steps import Step, is_confirmed, next_step, spec_for

# Seconds that each of twelve patches saves of ten: three gain, one costs, eight do nothing.
SAVED = {"a": 3.0, "b": 1.5, "c": 0.8, "d": -0.7, **dict.fromkeys("efghijkl", 0.0)}
BEST = {"a", "b", "c"}


def task(names: Mapping[str, float] = SAVED, **changes: object) -> Task:
    spec = TuneSpec(BenchSpec(), **{"budget": 1e9, "trials": 0, **changes})  # type: ignore[arg-type]
    return Task(spec, tuple(Candidate(name, 1) for name in names))


def seconds(patches: PatchSet) -> float:
    return 10.0 - sum(SAVED[one.patch] for one in patches)


def drawn(job: Job, spec: BenchSpec, noise: random.Random) -> Measured:
    """As the benchmark would: rounds until an analysis has a verdict."""
    true = seconds(job.before) / seconds(job.after)
    ratios: list[float] = []
    plan = interim_plan(spec.least, spec.most)
    while len(ratios) < spec.most:
        ratios.append(true * noise.lognormvariate(0, 0.03))
        if len(ratios) > 1 and decide(ratios, plan).settled:
            break
    found = decide(ratios, plan)
    return Measured(found.verdict.value, found.estimate.value, rounds=len(ratios), seconds=1.0)


def to_the_end(
    about: Task, measure: Callable[[Job, BenchSpec], Measured]
) -> tuple[Step, dict[Job, Measured]]:
    known: dict[Job, Measured] = {}
    while True:
        ledger = Ledger(known)
        step = next_step(about, ledger)
        if not step.jobs:
            return step, known
        job = step.jobs[0]
        assert job not in known
        known[job] = measure(job, spec_for(about, ledger, job))


def test_it_finds_the_known_best_set_in_nine_of_ten_runs() -> None:
    found = 0
    for seed in range(30):
        noise = random.Random(seed)  # noqa: S311
        step, _ = to_the_end(task(), lambda job, spec, noise=noise: drawn(job, spec, noise))  # type: ignore[misc]
        assert step.confirmed
        found += {one.patch for one in step.final} == BEST and is_confirmed(task(), step.confirmed)
    assert found >= 27


def test_clear_losers_leave_early_and_the_rest_costs_a_sweep() -> None:
    """Twelve against the original, two winners on top of the first, the rest once more only where it may pay."""
    noise = random.Random(1)  # noqa: S311
    step, known = to_the_end(task(), lambda job, spec: drawn(job, spec, noise))
    assert len(known) <= 12 + 2 + 4 + 1
    slower = [row for row in known.values() if row.verdict == Verdict.SLOWER.value]
    assert [row.rounds for row in slower] == [8]  # of at most 18
    assert step.confirmed
    assert step.confirmed.rounds >= 5


def exactly(job: Job, _: BenchSpec) -> Measured:
    ratio = seconds(job.before) / seconds(job.after)
    word = "same" if abs(ratio - 1) < 0.03 else "faster" if ratio > 1 else "slower"
    return Measured(word, ratio, surely=ratio, rounds=5, seconds=1.0)


def test_a_patch_that_breaks_is_out_for_good() -> None:
    def measure(job: Job, spec: BenchSpec) -> Measured:
        has = any(one.patch == "a" for one in job.after)
        return Measured(BROKEN, distance=None, why="it fell") if has else exactly(job, spec)

    step, known = to_the_end(task(), measure)
    assert {one.patch for one in step.final} == {"b", "c"}
    assert sum(any(one.patch == "a" for one in job.after) for job in known) == 1


def test_what_a_patch_requires_comes_with_it() -> None:
    rows = (Candidate("a", 1, needed=("d",)), Candidate("b", 1), Candidate("d", 1))
    step, _ = to_the_end(Task(task().spec, rows), exactly)
    assert {one.patch for one in step.final} == {"a", "b", "d"}


def test_out_of_time_it_confirms_what_it_has() -> None:
    """Half of the budget is for sweeps: of twelve, five are measured."""
    step, known = to_the_end(task(budget=10.0), exactly)
    kinds = [job.kind for job in known]
    assert kinds.count(Kind.SELECT) <= 7
    assert kinds[-1] is Kind.CONFIRM
    assert {one.patch for one in step.final} <= BEST


def test_more_budget_goes_on_from_there() -> None:
    _, known = to_the_end(task(budget=10.0), exactly)
    step = next_step(task(budget=1000.0), Ledger(known))
    assert step.jobs
    assert not set(step.jobs) & set(known)


def test_the_distance_of_all_steps_together_is_limited() -> None:
    def measure(job: Job, spec: BenchSpec) -> Measured:
        row = exactly(job, spec)
        return Measured(row.verdict, row.speedup, rounds=5, seconds=1.0, distance=0.4)

    step, _ = to_the_end(task(max_distance=1.0), measure)
    assert {one.patch for one in step.final} == {"a", "b"}


def test_an_undecided_confirmation_is_tried_again_with_a_larger_budget() -> None:
    def measure(job: Job, spec: BenchSpec) -> Measured:
        row = exactly(job, spec)
        if job.kind is Kind.CONFIRM:
            return Measured("inconclusive", 1.1, rounds=7, seconds=17.0)
        return row

    names = {"a": 3.0, "b": 1.5}
    step, known = to_the_end(task(names, budget=20.0), measure)
    assert step.confirmed
    assert step.confirmed.verdict == "inconclusive"
    again = next_step(task(names, budget=40.0), Ledger(known))
    assert [(job.kind, job.turn) for job in again.jobs] == [(Kind.CONFIRM, 1)]


WORDS = Parameter("w", "str", "one", "", choices=("one", "two", "three"))
COUNT = Parameter("n", "int", "auto", "", minimum=1, maximum=256, named={"auto": "1"})


def test_values_of_every_kind_are_drawn_and_each_point_once() -> None:
    flag, share = Parameter("f", "bool", False, ""), Parameter("x", "float", 0.1, "", 0.001, 0.1)
    rows = (Candidate("a", 1, (("w", "two"),), searched=(WORDS, COUNT, flag, share)),)

    def measure(job: Job, spec: BenchSpec) -> Measured:
        if job.kind is not Kind.SEARCH:
            return exactly(job, spec)
        (one,) = job.after
        values = dict(one.values)
        good = 1.0 + 0.1 * (values.get("w", "one") == "three") + 0.1 * (values.get("n") is not None)
        word = "faster" if good > 1.03 else "same"
        return Measured(word, good, surely=good, rounds=5, seconds=1.0)

    step, known = to_the_end(Task(task(trials=25).spec, rows), measure)
    searched = [job for job in known if job.kind is Kind.SEARCH]
    assert len(searched) == 25
    (one,) = step.final
    assert dict(one.values)["w"] == "three"
    assert 1 <= int(dict(one.values)["n"]) <= 256


@pytest.mark.parametrize("values", [(("w", "four"),), (("n", 0),), (("more", 1),)])
def test_values_that_a_patch_does_not_take_are_no_outcome(values: Values) -> None:
    """Whoever writes into the storage does not say what is tried or kept."""
    rows = (Candidate("a", 1, searched=(WORDS, COUNT)),)
    about = Task(task(trials=1).spec, rows)
    forged = Job(Kind.SEARCH, (Chosen("a"),), (Chosen("a", values),))
    first = Job(Kind.SELECT, (), (Chosen("a"),))
    known = {first: exactly(first, about.spec.bench), forged: Measured("faster", 9.0, rounds=5)}
    step = next_step(about, Ledger(known))
    assert [job.kind for job in step.jobs] == [Kind.SEARCH]
    assert not step.accepts(forged)


def test_one_comparison_does_not_take_the_time_of_the_others() -> None:
    about = task(budget=100.0)
    jobs = next_step(about, Ledger()).jobs
    known = Ledger({jobs[0]: exactly(jobs[0], about.spec.bench)})
    assert spec_for(about, known, jobs[1], 11).budget == pytest.approx(2 * 64 / 11)
    assert spec_for(about, known, jobs[1]).budget == 64


def test_no_comparison_ends_before_the_fewest_rounds() -> None:
    """The pace of the first is not known: five rounds. Later ones have the seconds for as many."""
    about = task(budget=10.0)
    jobs = next_step(about, Ledger()).jobs
    first = spec_for(about, Ledger(), jobs[0], len(jobs))
    assert (first.least, first.most, first.budget) == (5, 5, math.inf)
    known = Ledger({jobs[0]: Measured("faster", 2.0, rounds=5, seconds=500.0)})
    for kind in Kind:
        job = replace(jobs[0], kind=kind)
        assert spec_for(about, known, job).budget >= 5 * 100.0
