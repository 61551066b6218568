"""Tune: measure which patches and values make a checkout faster on this machine, and confirm the whole set."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from ttsopt.bench.spec import BenchSpec
from ttsopt.bench.stats.pairs import PAIRS
from ttsopt.domain.typed_command import typed
from ttsopt.errors import (
    CannotRunError,
    GateFailedError,
    RefusedError,
    TtsoptError,
    UndecidedError,
    UsageError,
)
from ttsopt.operations.bench.check import check_spec
from ttsopt.operations.bench.measure import Tell
from ttsopt.operations.bench.run import Began, Bench, ready_to_run
from ttsopt.operations.bench.weights import weights_notices
from ttsopt.operations.patch_list import WantedPatch
from ttsopt.operations.planning import Planned, PlanRequest, make_plan
from ttsopt.operations.tune.candidates import candidates_of
from ttsopt.operations.tune.measuring import Laboratory
from ttsopt.operations.tune.model import (
    Candidate,
    Files,
    Job,
    Ledger,
    Measured,
    Task,
    TuneSpec,
)
from ttsopt.operations.tune.place import files_of, place_of, study_name
from ttsopt.operations.tune.race import Selected
from ttsopt.operations.tune.steps import (
    Step,
    is_confirmed,
    is_undecided,
    more_budget,
    next_step,
    spec_for,
)
from ttsopt.operations.tune.study import Study, open_study

Watched = Callable[[], AbstractContextManager[Tell]]
Keep = Callable[[Job, Measured], None]
Where = tuple[Path | None, Path | None]  # the files of list and report, as far as they are named
POLL = 1.0  # seconds between two looks at what other workers do


@dataclass(frozen=True, slots=True)
class Tuned:
    """Everything that is known when the command ends; `interrupted`: somebody ended it before it was over."""

    laboratory: Laboratory
    files: Files
    study: str
    label: str
    ledger: Ledger
    step: Step
    interrupted: bool = False

    @property
    def task(self) -> Task:
        """The candidates and limits."""
        return self.laboratory.task

    @property
    def is_confirmed(self) -> bool:
        """True if there is a set to keep."""
        row = self.step.confirmed
        return row is not None and is_confirmed(self.task, row)

    @property
    def kept(self) -> tuple[WantedPatch, ...]:
        """The set to keep, as a list has it."""
        return self.laboratory.wanted(self.step.final) if self.is_confirmed else ()

    @property
    def error(self) -> TtsoptError | None:
        """Reason why nothing is kept; None where something is, or where it was interrupted."""
        if self.interrupted or self.is_confirmed:
            return None
        row = self.step.confirmed
        if row is None:
            return _nothing(self)
        what = f"the whole set against the original is {row.verdict}"
        if row.verdict == "faster":
            what = (
                f"the output of the whole set: {row.why or 'further from the original than asked'}"
            )
        if is_undecided(self.task, row):
            more = more_budget(self.ledger)
            hint = (
                f"More time may decide it: the same command with --budget {more} goes on from here."
            )
            return UndecidedError("not-confirmed", f"{what}: nothing is kept", hint)
        hint = "The report has every comparison; leave patches out, or name some: -p PATCH."
        return GateFailedError("not-confirmed", f"{what}: nothing is kept", hint)


def _nothing(done: Tuned) -> TtsoptError:
    rows = list(done.ledger.known.values())
    broken = [row for row in rows if row.is_broken]
    if rows and len(broken) == len(rows):
        hint = "`ttsopt doctor DIR` looks for what is wrong; `ttsopt bench DIR --aa` runs it alone."
        return CannotRunError(
            "nothing-measured", f"no comparison could be made: {rows[0].why}", hint
        )
    hint = "A larger --budget measures more; --effect lossy takes patches that change the sound."
    if any(row.measured.is_promising for row in done.step.found.latest.values()):
        more = more_budget(done.ledger)
        hint = f"More time may decide it: the same command with --budget {more} goes on from here."
    count, known = len(done.task.candidates), len(done.step.found.latest)
    left = f"; {count - known} of {count} were not measured for want of time" * (known < count)
    told = f"no patch was seen to make it faster here{left}"
    return GateFailedError("nothing-gained", told, hint)


def tune(
    plan: PlanRequest,
    spec: TuneSpec,
    where: Where,
    watched: Watched,
    keep: Keep = lambda *_: None,
    began: Began = lambda _: None,
) -> Tuned:
    """Tune a checkout, which is only read. An interrupt ends it with what is known; the same call goes on there.

    `keep` is called after each job that was measured here, `began` with sentences to say.

    Raises:
        UsageError: Options that make no sense.
        RefusedError: Patches are applied, there is no one system, or none of its patches fits.
        CannotRunError: It cannot be run here, the study cannot be opened, or Optuna is missing.
    """
    check_tune(spec)
    checked = check_spec(with_rounds(spec.bench), plan.choice)
    planned = make_plan(plan)
    ready = ready_to_run(planned, checked)
    _refuse_patched(ready)
    task = Task(replace(spec, bench=ready.spec), _candidates(planned, plan, spec))
    files = files_of(planned.located.checkout, spec, *where)
    name = study_name(ready)
    laboratory = Laboratory(task, plan.target, ready)
    study = open_study(place_of(spec, files), name)
    began((*weights_notices(ready.spec), f"study {name} in {study.place.label}"))
    tuned = Tuned(laboratory, files, name, study.place.label, Ledger(), Step(Selected()))
    try:
        return _Worker(study, tuned, watched, keep, began).work()
    finally:
        study.close()


def with_rounds(spec: BenchSpec) -> BenchSpec:
    """Return a spec with as many rounds for each pair of resident processes as for fresh ones, as texts allow.

    Three of a pair say next to nothing: their interval is five times as wide as that of five.
    """
    fits = not spec.texts or len(spec.texts) >= PAIRS * spec.least
    if not spec.resident or not fits:
        return spec
    return replace(spec, least=PAIRS * spec.least, most=PAIRS * spec.most)


def check_tune(spec: TuneSpec) -> None:
    """See that the limits make sense.

    Raises:
        UsageError: One does not.
    """
    limits = {"--budget": spec.budget, "--max-distance": spec.max_distance}
    for option, value in limits.items():
        if value is not None and not 0 < value < math.inf:
            raise UsageError(
                "bad-limit", f"{option} {value:g} is no limit", "Give a number above 0."
            )


def _candidates(planned: Planned, plan: PlanRequest, spec: TuneSpec) -> tuple[Candidate, ...]:
    is_limited = spec.max_distance is not None
    found = candidates_of(planned, plan.choice.settings, is_limited=is_limited)
    if not found:
        hint = "`ttsopt list DIR` says why each is left out; --effect lossy takes more."
        raise RefusedError("nothing-to-compare", "no patch fits that could be measured", hint)
    return found


def _refuse_patched(ready: Bench) -> None:
    rows = [row.id for row in ready.planned.recorded.patches if row.splices]
    if rows:
        message = f"patches are applied ({', '.join(rows)}), and tune measures against the original"
        directory = ready.planned.located.checkout.directory
        hint = f"`{typed('ttsopt', 'rollback', directory)}` takes them out."
        raise RefusedError("patches-applied", message, hint)


@dataclass(frozen=True, slots=True)
class _Worker:
    """One of those that share a study."""

    study: Study
    tuned: Tuned
    watched: Watched
    keep: Keep
    tell: Began

    def work(self) -> Tuned:
        """Measure job after job, until nothing is left to do or somebody ends it."""
        try:
            return self._to_the_end()
        except KeyboardInterrupt:
            ledger = self.study.ledger()
            step = next_step(self.tuned.task, ledger)
            return replace(self.tuned, ledger=ledger, step=step, interrupted=True)

    def _to_the_end(self) -> Tuned:
        has_waited = False
        while True:
            ledger = self.study.ledger()
            step = next_step(self.tuned.task, ledger)
            if not step.jobs:
                return replace(self.tuned, ledger=ledger, step=step)
            new = next((job for job in step.jobs if job not in ledger.taken), None)
            if new:
                self.study.enqueue(new)
            if new or ledger.waiting:
                self._measure_one(step, ledger)
                has_waited = False
                continue
            if not has_waited:
                self.tell(("another worker measures what is next; waiting for it",))
            has_waited = True
            time.sleep(POLL)
            self.study.give_up_dead()

    def _measure_one(self, step: Step, ledger: Ledger) -> None:
        tuned = self.tuned

        def wanted(job: Job) -> bool:
            return job in step.jobs or step.accepts(job)

        ended: list[bool] = []

        def work(job: Job) -> Measured:
            spec = spec_for(tuned.task, ledger, job, len(step.jobs), step.until)
            so_far = next(iter(ledger.turns(job)[: job.turn][-1:]), None)
            with self.watched() as tell:
                measured, is_ended = tuned.laboratory.measure(job, spec, tell, so_far)
            self.keep(job, measured)
            ended.append(is_ended)
            return measured

        self.study.run_one(wanted, work)
        if any(ended):  # its rounds are kept
            raise KeyboardInterrupt
