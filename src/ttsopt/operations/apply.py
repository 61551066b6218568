"""Apply: plan, store originals, write, verify, journal; all of a plan's changes or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from ttsopt.checkout.fs.files import other_names
from ttsopt.checkout.state.location import open_checkout
from ttsopt.checkout.transaction import commit
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.errors import RefusedError
from ttsopt.operations.patch_list import remember
from ttsopt.operations.plan.retired_originals import keep_retired
from ttsopt.operations.planning import Planned, PlanRequest, make_plan
from ttsopt.operations.recovery import USUAL, Turn, adopted, settled

Judge = Callable[[Planned], RefusedError | None]


@dataclass(frozen=True, slots=True)
class Applied:
    """Outcome of applying.

    `recovered` are the files of an unfinished earlier step that were put back first; with a `refusal`, nothing
    was written. `notes` are for people: hard links that keep the old bytes, a state folder that cannot be written.
    """

    planned: Planned
    recovered: tuple[str, ...]
    refusal: RefusedError | None
    notes: tuple[str, ...] = ()


def apply(
    request: PlanRequest, *, strict: bool = False, dry_run: bool = False, turn: Turn = USUAL
) -> Applied:
    """Carry out a plan, unless it has to be refused as a whole.

    Raises:
        TtsoptError: As `make_plan`, `settled` and `commit`.
    """
    judge = partial(whole_refusal, strict=strict or request.choice.is_named)
    target = request.target
    if request.choice.is_own_alone and not (target.system or target.root or target.catalogs):
        request = replace(request, recognised=False)
    return carry_out(request, judge, anew=True, dry_run=dry_run, turn=turn)


def carry_out(
    request: PlanRequest,
    judge: Judge,
    *,
    anew: bool = False,
    dry_run: bool = False,
    turn: Turn = USUAL,
) -> Applied:
    """The same, with `judge` to say what plan has to be refused as a whole.

    Raises:
        TtsoptError: As above.
    """
    if dry_run:
        return _outcome(make_plan(request), judge)
    checkout = adopted(open_checkout(request.target.directory), turn)
    with settled(checkout, turn) as recovered:
        done = _outcome(make_plan(request), judge)
        # A new version of a patch may change the record alone, and what is put in again the files alone.
        planned = done.planned
        changes_something = bool(planned.plan.changes) or planned.record != planned.recorded
        notes = _write(planned, anew=anew) if changes_something and not done.refusal else ()
    return replace(done, recovered=recovered, notes=done.notes + notes)


def _outcome(planned: Planned, judge: Judge) -> Applied:
    refusal = judge(planned)
    notes = () if refusal else _linked(planned)
    return Applied(planned, (), refusal, notes)


def _write(planned: Planned, *, anew: bool) -> tuple[str, ...]:
    checkout = planned.located.checkout
    changes, record = planned.plan.changes, planned.record
    retired = keep_retired(checkout, planned.recorded, record, changes)
    notes = tuple(f"the original of {path} before is kept in {at}" for path, at in retired)
    notes += commit(checkout, changes, record)
    forgotten = remember(checkout, record, anew=anew and not planned.recorded.patches)
    return (*notes, forgotten) if forgotten else notes


def _linked(planned: Planned) -> tuple[str, ...]:
    """Files that have further names: those keep the bytes that they have."""
    place, from_top = planned.baseline.place, planned.located.checkout.from_top
    counted = (
        (change.path, other_names(place(from_top(change.path))))
        for change in planned.plan.changes
        if change.current is not None
    )
    return tuple(
        f"{path} has {count} other {'name' if count == 1 else 'names'} (hard links); "
        "under those the file stays as it is"
        for path, count in counted
        if count
    )


def whole_refusal(planned: Planned, *, strict: bool) -> RefusedError | None:
    """Why nothing is to be written: with `strict` one refused patch is enough, else it takes all."""
    refused = planned.plan.having(Status.REFUSED)
    useful = planned.plan.having(Status.APPLIED) + planned.plan.having(Status.ALREADY)
    if not refused or (useful and not strict):
        return None
    lines = [line for row in refused for line in _lines(row)]
    return RefusedError("patch-refused", "nothing was changed:", refused[0].hint, lines)


def _lines(row: PlannedPatch) -> list[str]:
    details = row.answer.explanation if row.answer else ()
    return [f"  {row.patch.id}: {row.reason_there}", *(f"    {line}" for line in details)]
