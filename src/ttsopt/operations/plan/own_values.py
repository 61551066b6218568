"""Values that the user has changed by hand, where a patch expects upstream's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ttsopt.checkout.state.location import Checkout
from ttsopt.domain.journal import JournalPatch
from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import PlannedPatch, Status

HINT = (
    "Is the value yours? `--replace-own` puts the patch's in its place, and a rollback yours back."
)


def with_own_values(
    row: PlannedPatch,
    fit: Callable[[Patch], PlannedPatch],
    known: JournalPatch | None,
    checkout: Checkout,
    *,
    allowed: bool,
) -> PlannedPatch:
    """Return a patch that was refused for a value of the user's own as it fits with that value replaced.

    That is where it is `allowed`, or where the patch is applied in that very form; else the hint says how.

    Raises:
        CannotRunError: A file cannot be read.
    """
    if row.status is not Status.REFUSED or row.why != "mismatch":
        return row
    fitted = replace(fit(_taking_own(row.patch)), patch=row.patch)
    if fitted.status is not Status.APPLIED:
        return row
    return fitted if allowed or _is_known(fitted, known, checkout) else replace(row, hint=HINT)


def _is_known(fitted: PlannedPatch, known: JournalPatch | None, checkout: Checkout) -> bool:
    splices = {checkout.from_top(file.path): file.splices for file in fitted.files if file.splices}
    return known is not None and dict(known.splices) == splices


def _taking_own(patch: Patch) -> Patch:
    files = tuple(
        replace(target, edits=tuple(edit.taking_own() for edit in target.edits))
        for target in patch.files
    )
    return replace(patch, files=files)
