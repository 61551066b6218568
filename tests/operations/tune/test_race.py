"""The race by itself: outcomes drawn with noise, and decided by the benchmark's own sequential statistics."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from ttsopt.bench.spec import BenchSpec
from ttsopt.bench.stats.sequential import (
    Line,
    decide,
    decide_line,
    goes_on,
    interim_plan,
    is_out,
)
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
from ttsopt.operations.tune.run import with_rounds
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
    for _ in range(spec.most):
        ratios.append(true * noise.lognormvariate(0, 0.03))
        found = decide(ratios, plan)
        if found.settled or (len(ratios) in plan.rounds and is_out(found, spec.worth)):
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
    assert all(row.rounds <= 8 for row in slower)  # of at most 18
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
            return Measured("inconclusive", 1.1, rounds=7, seconds=17.0, is_open=True)
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
    assert spec_for(about, known, jobs[1], 11, 0.5).budget == pytest.approx(2 * 49 / 11)
    assert spec_for(about, known, jobs[1], 1, 0.5).budget == 49


def test_no_comparison_ends_before_the_fewest_rounds_and_none_is_held_to_them() -> None:
    """Also the first, of which nobody knows how long a round takes; more if there is time."""
    about = task(budget=10.0)
    jobs = next_step(about, Ledger()).jobs
    for kind in Kind:
        spec = spec_for(about, Ledger(), replace(jobs[0], kind=kind), len(jobs), 0.5)
        assert (spec.least, spec.always) == (5, 5)
        assert spec.most == (40 if kind is Kind.CONFIRM else 18)


def test_pairs_of_resident_processes_make_as_many_rounds_each_as_fresh_ones() -> None:
    bench = with_rounds(BenchSpec(resident=True))
    about = replace(task(), spec=TuneSpec(bench, 1e9))
    spec = spec_for(about, Ledger(), next_step(about, Ledger()).jobs[0])
    assert (spec.least, spec.always, spec.most) == (10, 10, 36)
    few = BenchSpec(resident=True, texts=("one",) * 8)
    assert with_rounds(few) == few  # each text is spoken once


def test_the_confirming_run_has_its_reserve_however_much_was_spent() -> None:
    about = task(budget=100.0)
    job = Job(Kind.CONFIRM, (), (Chosen("a"),))
    first = Job(Kind.SELECT, (), (Chosen("a"),))
    for spent, left in [(30.0, 70.0), (95.0, 20.0), (500.0, 20.0)]:
        known = Ledger({first: Measured("faster", 2.0, rounds=5, seconds=spent)})
        assert spec_for(about, known, job).budget == pytest.approx(left)


def cut(ratio: float, lines: tuple[tuple[float, ...], ...], seconds: float) -> Measured:
    """An outcome of a turn that the time ended."""
    rounds = sum(map(len, lines))
    return Measured(
        "inconclusive", ratio, rounds=rounds, seconds=seconds, lines=lines, is_open=True
    )


def test_what_stays_undecided_goes_on_from_its_rounds_before_the_confirming_run() -> None:
    """The larger gain first, what seems slower not at all; the rounds of the first turn count."""
    about = task({"a": 3.0, "b": 1.5, "d": -0.7}, budget=100.0)
    jobs = [Job(Kind.SELECT, (), (Chosen(name),)) for name in "abd"]
    noise = (0.7, 1.4, 0.8, 1.3, 1.0)
    rows = [cut(one, (tuple(one * row for row in noise),), 20.0) for one in (1.2, 1.4, 0.9)]
    known = dict(zip(jobs, rows, strict=True))
    step = next_step(about, Ledger(known))
    assert [(job.after[0].patch, job.turn) for job in step.jobs] == [("b", 1), ("a", 1)]
    spec = spec_for(about, Ledger(known), step.jobs[0], len(step.jobs), step.until)
    assert spec.earlier == (Line(rows[1].lines[0], (5,)),)
    # Up to the reserve of the confirming run: nothing has won yet, that would need time too.
    assert spec.budget == pytest.approx(20.0)
    known[step.jobs[0]] = Measured("faster", 1.4, rounds=9, seconds=21.0)
    step = next_step(about, Ledger(known))
    assert [(job.kind, job.after[0].patch) for job in step.jobs] == [(Kind.CONFIRM, "b")]
    more = replace(about, spec=replace(about.spec, budget=1000.0))
    assert next_step(more, Ledger(known)).jobs[0] == replace(jobs[0], turn=1)


def test_what_was_ended_by_hand_before_its_fewest_rounds_is_no_outcome() -> None:
    about = task({"a": 3.0}, budget=100.0)
    job = Job(Kind.SELECT, (), (Chosen("a"),))
    known = Ledger({job: cut(0.9, ((0.9, 0.9),), 2.0)})
    assert next_step(about, known).jobs == (replace(job, turn=1),)


def test_lines_that_cannot_go_on_are_begun_anew() -> None:
    """Whoever writes into the storage does not make a run fall over: too long, or decided already."""
    about = task({"a": 3.0}, budget=100.0)
    job = Job(Kind.SELECT, (), (Chosen("a"),))
    for line in ((1.0,) * 100, (2.0, 2.01, 1.99, 2.0, 2.0)):
        known = Ledger({job: cut(1.5, (line,), 2.0)})
        assert spec_for(about, known, replace(job, turn=1)).earlier == ()


def test_a_comparison_s_turns_are_one_sequential_test() -> None:
    """Ended for want of time after each seventh round and gone on with: no more false alarms than in one run."""
    wrong = 0
    plan = interim_plan(5, 40)
    for seed in range(400):
        noise = random.Random(seed)  # noqa: S311
        line, found = Line(), Verdict.INCONCLUSIVE
        while goes_on(line, plan):
            more = tuple(noise.lognormvariate(0, 0.05) for _ in range(7))
            line = Line((*line.ratios, *more)[:40], (*line.looks, len(line.ratios) + 7))
            found = decide_line(line, plan).verdict
        wrong += found in {Verdict.FASTER, Verdict.SLOWER}
    assert wrong <= 10  # 1 % of 400 are 4; more than 10 by chance once in 300
