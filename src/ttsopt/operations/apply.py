"""Apply: plan, store originals, write, verify, journal; all of a plan's changes or none."""

from __future__ import annotations

from dataclasses import dataclass

from ttsopt.checkout.location import open_checkout
from ttsopt.checkout.transaction import commit, recover
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.errors import RefusedError
from ttsopt.operations.planning import Planned, PlanRequest, make_plan, settled_journal


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done.

    `recovered` are the files of an unfinished earlier step that were put back first; with a `refusal`, nothing
    was written.
    """

    planned: Planned
    recovered: tuple[str, ...]
    refusal: RefusedError | None


def apply(request: PlanRequest, *, strict: bool = False, dry_run: bool = False) -> Applied:
    """Carry out a plan, unless it has to be refused as a whole.

    Raises:
        TtsoptError: As `make_plan` and `commit`.
    """
    checkout = open_checkout(request.target.directory)
    recovered = () if dry_run else recover(checkout)
    planned = make_plan(request)
    refusal = whole_refusal(planned, strict=strict or request.choice.is_named)
    # A new version of a patch may change the record alone, and not a byte of the files.
    if planned.journal != settled_journal(checkout) and not (dry_run or refusal):
        commit(planned.located.checkout, planned.plan.changes, planned.journal)
    return Applied(planned, recovered, refusal)


def whole_refusal(planned: Planned, *, strict: bool) -> RefusedError | None:
    """Why nothing is to be written: with `strict` one refused patch is enough, else it takes all."""
    refused = planned.plan.having(Status.REFUSED)
    useful = planned.plan.having(Status.APPLIED) + planned.plan.having(Status.ALREADY)
    if not refused or (useful and not strict):
        return None
    lines = "\n".join(
        f"  {row.patch.id}: {_place(row)}{row.reason}{_details(row)}" for row in refused
    )
    return RefusedError("patch-refused", f"nothing was changed:\n{lines}", refused[0].hint)


def _place(row: PlannedPatch) -> str:
    line = f":{row.line}" if row.line else ""
    return f"{row.file}{line}: " if row.file else ""


def _details(row: PlannedPatch) -> str:
    return "".join(f"\n    {line}" for line in row.answer.explanation) if row.answer else ""
