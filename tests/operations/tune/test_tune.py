"""`ttsopt tune` on the sample, with a machine in the place of processes whose speeds the test knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tuning_fakes import FOLDED, KEPT, REGEX, STEPS, TunedMachine, tune_spec, tuning

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.domain.effect import Effect
from ttsopt.domain.evidence_level import Level
from ttsopt.domain.plan import PlannedPatch
from ttsopt.errors import GateFailedError, RefusedError, UndecidedError
from ttsopt.operations.planning import PlanRequest, make_plan
from ttsopt.operations.tune.candidates import candidates_of
from ttsopt.operations.tune.model import Job, Kind, Measured, TuneSpec
from ttsopt.operations.tune.run import Tuned, tune

BEST = {FOLDED, KEPT, STEPS}


@contextmanager
def silent() -> Iterator[Callable[[Any], None]]:
    yield lambda _: None


Install = Callable[..., TunedMachine]


def tuned(plan: PlanRequest, spec: TuneSpec, keep: Any = lambda *_: None) -> Tuned:
    return tune(plan, spec, (None, None), silent, keep)


def names(done: Tuned) -> set[str]:
    return {row.id for row in done.kept}


@pytest.mark.slow
def test_it_finds_the_known_best_set_in_nine_of_ten_runs(
    sample: Path, machine: Install, tmp_path: Path
) -> None:
    plan, found = tuning(sample, effect=Effect.LOSSY), []
    for seed in range(10):
        machine(seed=seed, noise=0.03)
        found.append(tuned(plan, tune_spec(storage=str(tmp_path / f"{seed}.db"))))
    assert sum(names(done) == BEST for done in found) >= 9
    assert all(REGEX not in names(done) for done in found)


def test_what_gains_only_alone_is_not_in_the_set(sample: Path, machine: Install) -> None:
    """Two that save the same second: the first is taken, the second has nothing left to save."""
    machine(cost=lambda patches, _: 4.0 - 1.0 * bool(patches & {FOLDED, KEPT}))
    done = tuned(tuning(sample), tune_spec())
    assert names(done) in ({FOLDED}, {KEPT})


def test_what_gains_once_the_rest_is_faster_gets_a_second_chance(
    sample: Path, machine: Install
) -> None:
    """2 % of the original, 6 % of what is left when the others are in."""

    def cost(patches: frozenset[str], _: int) -> float:
        return (
            10.0 - 4.0 * (FOLDED in patches) - 2.7 * (KEPT in patches) - 0.22 * (REGEX in patches)
        )

    machine(cost=cost, noise=0.002)
    assert names(tuned(tuning(sample), tune_spec())) == {FOLDED, KEPT, REGEX}


def test_the_checkout_is_only_read(sample: Path, machine: Install) -> None:
    machine()
    before = {path: path.read_bytes() for path in sample.rglob("*") if path.is_file()}
    assert tuned(tuning(sample), tune_spec()).is_confirmed
    assert {path: path.read_bytes() for path in sample.rglob("*") if path.is_file()} == before


def turning(after: Kind, factor: float, noise: float = 0.0) -> Callable[[TunedMachine], Any]:
    """A machine that is another one from a kind of job on."""

    def keep(machine: TunedMachine) -> Callable[[Job, Measured], None]:
        usual = machine.cost

        def turn(job: Job, _: Measured) -> None:
            if job.kind is after:
                machine.cost = lambda patches, steps: usual(patches, steps) ** factor
                machine.noise = noise

        return turn

    return keep


def test_a_set_that_is_not_confirmed_is_not_kept(sample: Path, machine: Install) -> None:
    made = machine()
    # Once all is chosen, the patches make it slower.
    done = tuned(tuning(sample, FOLDED), tune_spec(), turning(Kind.SELECT, -1.0)(made))
    assert (done.is_confirmed, done.kept) == (False, ())
    assert isinstance(done.error, GateFailedError)
    assert "slower: nothing is kept" in done.error.message


def test_a_set_that_noise_leaves_open_is_not_kept(sample: Path, machine: Install) -> None:
    made = machine()
    done = tuned(tuning(sample, FOLDED), tune_spec(), turning(Kind.SELECT, 0.0, 0.4)(made))
    assert done.kept == ()
    assert isinstance(done.error, UndecidedError)


def test_a_set_that_breaks_its_promise_is_not_kept(sample: Path, machine: Install) -> None:
    machine(sound=lambda patches, _: (0.0, 0.5, 0.1, 0.25) if patches else (0.0, 0.5, -0.5, 0.25))
    done = tuned(tuning(sample, FOLDED), tune_spec())
    assert done.kept == ()
    (row,) = done.ledger.known.values()
    assert (row.quality, row.is_broken) == ("failed", True)


def test_no_gain_is_said_and_nothing_kept(sample: Path, machine: Install) -> None:
    machine(cost=lambda *_: 4.0)
    done = tuned(tuning(sample), tune_spec())
    assert done.error is not None
    assert (done.error.code, done.error.exit_code) == ("nothing-gained", 1)


def test_values_are_searched_within_the_distance_that_is_allowed(
    sample: Path, machine: Install
) -> None:
    """Fewer evaluations are faster, and further away: below 16 too far."""

    def sound(_: frozenset[str], steps: int) -> tuple[float, ...]:
        return tuple(0.1 * (1 + 3.0 * (steps < 16)) * (-1) ** i for i in range(4000))

    machine(sound=sound, noise=0.002)
    plan = tuning(sample, STEPS, effect=Effect.LOSSY, settings=(f"{STEPS}.nfe_step=24",))
    free = tuned(plan, tune_spec(trials=12, max_distance=0.5))
    assert {row.parameters["nfe_step"] for row in free.kept} == {24}  # a value that was set stays
    plan = tuning(sample, STEPS, effect=Effect.LOSSY)
    done = tuned(plan, tune_spec(trials=12))
    assert [dict(row.parameters) for row in done.kept] == [{}]  # lossy: not searched unasked
    assert not [job for job in done.ledger.known if job.kind is Kind.SEARCH]


def test_better_values_are_found_and_confirmed(sample: Path, machine: Install) -> None:
    """Away from the default of 8 evaluations there is something to gain."""
    machine(cost=lambda _, steps: 1.0 + abs(steps - 14) / 14, noise=0.002)
    plan = tuning(sample, STEPS, effect=Effect.LOSSY)
    done = tuned(plan, tune_spec(trials=10, max_distance=100.0))
    searched = [job for job in done.ledger.known if job.kind is Kind.SEARCH]
    assert len(searched) == len(set(searched)) == 10
    (row,) = done.kept
    assert abs(int(row.parameters["nfe_step"]) - 14) <= 3


def test_an_interrupted_run_goes_on_where_it_ended(sample: Path, machine: Install) -> None:
    seen: list[int] = []

    def third(job: WorkerJob) -> None:
        if job.task is Task.PREPARE:
            seen.append(1)
            if len(seen) == 3:
                raise KeyboardInterrupt

    made = machine(happen=third)
    plan, spec = tuning(sample), tune_spec()
    first = tuned(plan, spec)
    assert first.interrupted
    assert (len(first.ledger.known), first.error) == (2, None)
    count = len(made.spoken)
    second = tuned(plan, spec)
    assert not second.interrupted
    assert names(second) == {FOLDED, KEPT}
    assert first.ledger.known.items() <= second.ledger.known.items()
    assert len(made.spoken) > count
    done = len(made.spoken)
    assert names(tuned(plan, spec)) == {FOLDED, KEPT}
    assert len(made.spoken) == done  # all is known: nothing is measured again


def test_a_large_noisy_gain_is_decided_and_kept_with_resident_processes(
    sample: Path, machine: Install
) -> None:
    """3.8x that three rounds a pair leave open, in a budget that the first comparison takes."""
    machine(cost=lambda patches, _: 3.8 - 2.8 * (FOLDED in patches), noise=0.13)
    done = tuned(tuning(sample, FOLDED), tune_spec(resident=True, budget=1e-9))
    assert names(done) == {FOLDED}
    assert done.step.confirmed
    assert done.step.confirmed.rounds >= 10
    assert len(done.step.confirmed.lines) == 2


def test_where_all_is_undecided_the_hint_names_a_budget_that_goes_on(
    sample: Path, machine: Install
) -> None:
    made = machine(cost=lambda patches, _: 3.0 - 1.0 * bool(patches), noise=0.3)
    done = tuned(tuning(sample, FOLDED), tune_spec(budget=1e-9))
    assert done.error is not None
    assert done.error.code == "nothing-gained"
    (row,) = done.ledger.known.values()
    assert row.is_promising
    made.noise = 0.01
    budget = float(done.error.hint.partition("--budget ")[2].split()[0])
    again = tuned(tuning(sample, FOLDED), tune_spec(budget=budget))
    assert again.step.found.latest[FOLDED].measured.rounds > row.rounds


def test_seconds_left_are_those_of_the_fewest_rounds_at_least(
    sample: Path, machine: Install
) -> None:
    steps: list[Any] = []

    @contextmanager
    def watched() -> Iterator[Callable[[Any], None]]:
        yield steps.append

    machine()
    tune(tuning(sample, FOLDED), tune_spec(budget=1e-9), (None, None), watched)
    left = [step.seconds_left for step in steps if step.seconds_left is not None]
    assert len(left) >= 8
    assert all(seconds > 0 for seconds in left)


def test_a_clear_loser_leaves_before_its_second_pair_is_loaded(
    sample: Path, machine: Install
) -> None:
    jobs: list[WorkerJob] = []
    machine(cost=lambda patches, _: 1.0 + bool(patches), happen=jobs.append)
    done = tuned(tuning(sample, FOLDED), tune_spec(resident=True))
    (row,) = done.ledger.known.values()
    assert (row.is_open, row.rounds, row.is_faster) == (False, 5, False)
    assert sum(job.task is Task.MEASURE for job in jobs) == 2
    assert done.error is not None
    assert done.error.code == "nothing-gained"


def test_rounds_of_a_comparison_that_was_interrupted_are_not_measured_again(
    sample: Path, machine: Install
) -> None:
    def fourth(job: WorkerJob) -> None:
        if job.task is Task.MEASURE and job.round == 4 and not ended:
            ended.append(job)
            raise KeyboardInterrupt

    ended: list[WorkerJob] = []
    machine(happen=fourth)
    plan, spec = tuning(sample, FOLDED), tune_spec()
    first = tuned(plan, spec)
    assert first.interrupted
    (row,) = first.ledger.known.values()
    assert (row.rounds, row.is_open) == (3, True)
    second = tuned(plan, spec)
    assert names(second) == {FOLDED}
    last = second.ledger.last(next(iter(first.ledger.known)))
    assert last is not None
    assert (last.rounds, last.lines[0][:3]) == (5, row.lines[0])


def test_an_undecided_confirmation_goes_on_with_the_budget_that_the_hint_names(
    sample: Path, machine: Install
) -> None:
    made = machine()
    plan = tuning(sample, FOLDED)
    done = tuned(plan, tune_spec(budget=1e-9), turning(Kind.SELECT, 1.0, 0.9)(made))
    assert isinstance(done.error, UndecidedError)
    made.noise = 0.01
    budget = float(done.error.hint.partition("--budget ")[2].split()[0])
    again = tuned(plan, tune_spec(budget=budget))
    assert again.step.confirmed
    assert done.step.confirmed
    assert again.step.confirmed.lines[0][:5] == done.step.confirmed.lines[0][:5]
    assert again.step.confirmed.rounds > done.step.confirmed.rounds


def test_out_of_time_what_is_known_is_confirmed(sample: Path, machine: Install) -> None:
    """The first sweep takes the budget: the best that it found is confirmed, and no more is measured."""
    machine()
    done = tuned(tuning(sample), tune_spec(budget=1e-9))
    kinds = [job.kind for job in done.ledger.known]
    assert kinds == [Kind.SELECT, Kind.CONFIRM]  # the one that is known to gain most elsewhere
    assert len(done.kept) == 1


def test_what_a_plain_apply_takes_is_measured_first(sample: Path) -> None:
    """The regular expressions gain least of all; where nobody measured the others, they come after them."""

    def unmeasured(row: PlannedPatch) -> PlannedPatch:
        assert row.evidence
        known = row.patch.id == REGEX
        level = row.evidence.level if known else Level.UNMEASURED
        return replace(row, evidence=replace(row.evidence, level=level))

    planned = make_plan(tuning(sample, effect=Effect.LOSSY))
    usual = candidates_of(planned, (), is_limited=False)
    rows = tuple(unmeasured(row) for row in planned.plan.patches)
    planned = replace(planned, plan=replace(planned.plan, patches=rows))
    first = candidates_of(planned, (), is_limited=False)[0].patch
    assert (usual[-1].patch, first) == (REGEX, REGEX)


@pytest.mark.parametrize("resident", [False, True])
def test_a_patch_that_never_runs_is_left_out_before_its_first_round(
    sample: Path, machine: Install, resident: bool
) -> None:
    made = machine(idle=frozenset({KEPT}))
    done = tuned(tuning(sample), tune_spec(resident=resident))
    (outcome,) = (row for job, row in done.ledger.known.items() if KEPT in str(job.added))
    assert (outcome.verdict, outcome.rounds) == ("not_exercised", 0)
    assert KEPT not in {patch for patches, _ in made.spoken for patch in patches}
    assert names(done) == {FOLDED}


def test_another_tree_is_another_study(sample: Path, machine: Install) -> None:
    machine()
    plan, spec = tuning(sample, FOLDED), tune_spec()
    first = tuned(plan, spec)
    (sample / "sample_tts" / "more.py").write_text("x = 1\n")
    second = tuned(plan, spec)
    assert first.study != second.study
    assert len(second.ledger.known) == 2


def test_patches_that_are_applied_are_refused(sample: Path, machine: Install) -> None:
    from ttsopt.operations.apply import apply

    machine()
    apply(tuning(sample, FOLDED))
    with pytest.raises(RefusedError) as caught:
        tuned(tuning(sample), tune_spec())
    assert caught.value.code == "patches-applied"
    assert "ttsopt rollback" in caught.value.hint


def test_what_was_not_measured_for_want_of_time_is_said(sample: Path, machine: Install) -> None:
    machine(cost=lambda *_: 4.0)
    done = tuned(tuning(sample), tune_spec(budget=1e-9))
    assert done.error is not None
    assert "2 of 3 were not measured for want of time" in done.error.message
