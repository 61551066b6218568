"""Every patch that a plan is about, on its own: left out, refused, there already, or fit to be taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.domain.journal import Journal, JournalPatch
from ttsopt.domain.patch import Patch, Scalar
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.errors import UsageError
from ttsopt.operations.locate import Located
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.relations import in_order
from ttsopt.operations.plan.selection import Place, Selection

if TYPE_CHECKING:
    from ttsopt.domain.evidence_level import Evidence
    from ttsopt.domain.system import FoundSystem


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of the plan before others are looked at, and the patch as it is applied now, if it is.

    `found` is None for a user's own patch file.
    """

    row: PlannedPatch
    place: Place
    found: FoundSystem | None = None
    known: JournalPatch | None = None

    @property
    def fits(self) -> bool:
        """True if it is to be taken, as far as it alone is concerned."""
        return self.row.status is Status.APPLIED


def candidates(
    choice: Selection, located: Located, baseline: Baseline, journal: Journal
) -> list[Candidate]:
    """The user's own patch files, then the catalogue's patches of every system, each behind what it needs.

    Raises:
        UsageError: A patch file that is none, or two of one name.
        CannotRunError: A file cannot be read.
    """
    known = {(row.id, row.root): row for row in journal.patches}
    rows = list(_own(choice, baseline, known))
    for found in located.systems:
        patches = in_order(located.catalogue.patches_of(found.system))
        evidence = _evidence(choice, located, found)
        looked_at = [
            _of_catalogue(choice, baseline, found, patch, known, evidence.get(patch.id))
            for patch in patches
        ]
        rows += _with_seen(baseline, found, looked_at)
    return rows


def _evidence(choice: Selection, located: Located, found: FoundSystem) -> Mapping[str, Evidence]:
    """A list asks for none: it was decided where it was written."""
    if choice.wanted is not None:
        return {}
    from ttsopt.operations.plan.evidence import evidence_of

    return evidence_of(located.catalogue, found.system, choice.judged_on or choice.device)


def _with_seen(
    baseline: Baseline, found: FoundSystem, rows: Sequence[Candidate]
) -> list[Candidate]:
    """Absent patches say what of them is elsewhere; where none is, nothing more is read."""
    absent = [one.row for one in rows if one.row.status is Status.ABSENT]
    if not absent:
        return list(rows)
    from ttsopt.operations.plan.elsewhere import with_seen

    fitting = [one.row for one in rows if one.fits]
    told = {row.patch.id: row for row in with_seen(baseline, found, absent, fitting)}
    return [replace(one, row=told.get(one.row.patch.id, one.row)) for one in rows]


def _own(
    choice: Selection, baseline: Baseline, known: Mapping[Place, JournalPatch]
) -> Iterator[Candidate]:
    if not choice.files:
        return
    from ttsopt.operations.plan.fit_diff import fit_diff

    rows = [fit_diff(baseline, file) for file in choice.files]
    _check_own_names(choice.files, rows)
    for file, row in zip(choice.files, rows, strict=True):
        place = row.patch.id, baseline.checkout.from_top(row.root)
        if choice.wanted is not None and place not in choice.wanted:
            message = f"{file} would be {row.patch.id}, which is not on the list"
            raise UsageError("not-on-list", message, f"ttsopt apply --patch-file {file}")
        applied = known.get(place)
        yield Candidate(_settled(row, applied), place, None, applied)


def _check_own_names(files: Sequence[Path], rows: Sequence[PlannedPatch]) -> None:
    """A patch file is known by its name: of two of one name, the second would replace the first."""
    seen: dict[str, Path] = {}
    for file, row in zip(files, rows, strict=True):
        other = seen.setdefault(row.patch.id, file)
        if other != file:
            message = f"{other} and {file} would both be {row.patch.id}"
            raise UsageError("same-name", message, "Give one of the two another name.")


def _of_catalogue(
    choice: Selection,
    baseline: Baseline,
    found: FoundSystem,
    patch: Patch,
    known: Mapping[Place, JournalPatch],
    evidence: Evidence | None,
) -> Candidate:
    place = patch.id, baseline.checkout.from_top(found.root)
    applied = known.get(place)
    row = (
        _left_out(choice, found, patch, applied, evidence)
        if choice.wanted is None
        else _off_the_list(choice.wanted, found, patch, place)
    )
    row = row or _fitted(choice, baseline, found, patch, applied)
    return Candidate(replace(row, evidence=evidence), place, found, applied)


def _fitted(
    choice: Selection,
    baseline: Baseline,
    found: FoundSystem,
    patch: Patch,
    applied: JournalPatch | None,
) -> PlannedPatch:
    from ttsopt.operations.plan.fit import fit_patch
    from ttsopt.operations.plan.own_values import with_own_values

    try:
        values = _values(choice, baseline, found, patch, applied)
    except UsageError as error:
        if choice.wanted is None:
            raise
        # Of this version of the patch; the list is right for another.
        listed = choice.wanted[patch.id, baseline.checkout.from_top(found.root)]
        row = PlannedPatch(patch, found.root, Status.REFUSED, listed)
        return replace(row, why=error.code, reason=error.message, hint=error.hint)

    def fit(one: Patch) -> PlannedPatch:
        return fit_patch(baseline, found, one, values)

    row, allowed = fit(patch), choice.replace_own
    return _settled(with_own_values(row, fit, applied, baseline.checkout, allowed=allowed), applied)


def _values(
    choice: Selection,
    baseline: Baseline,
    found: FoundSystem,
    patch: Patch,
    applied: JournalPatch | None,
) -> Mapping[str, Scalar]:
    from ttsopt.catalog.parameters import parameter_values, parse_settings

    if choice.wanted is None:
        given = parse_settings(choice.settings).get(patch.id, {})
        return parameter_values(patch, given, applied.parameters if applied else {})
    listed = choice.wanted[patch.id, baseline.checkout.from_top(found.root)]
    return parameter_values(patch, {name: str(value) for name, value in listed.items()}, {})


def _off_the_list(
    wanted: Mapping[Place, object], found: FoundSystem, patch: Patch, place: Place
) -> PlannedPatch | None:
    if place in wanted:
        return None
    return PlannedPatch(
        patch, found.root, Status.SKIPPED, why="not named", reason="not on the list"
    )


def _left_out(
    choice: Selection,
    found: FoundSystem,
    patch: Patch,
    applied: JournalPatch | None,
    evidence: Evidence | None,
) -> PlannedPatch | None:
    """Why a patch is not even looked at; one that is applied is, unless the user names others."""
    row = partial(PlannedPatch, patch, found.root)
    named = patch.id in choice.patches
    looked_at = applied and (named or not choice.is_named)
    skipped = None if looked_at else choice.reason_to_skip(patch, evidence)
    if skipped:
        return row(Status.SKIPPED, why=skipped[0], reason=skipped[1])
    effect = patch.effect.value
    if named and not applied and not patch.effect.within(choice.effect):
        hint = f"Allow it with --effect {effect}."
        return row(Status.REFUSED, why="effect", reason=f"its effect is {effect}", hint=hint)
    if named and not applied and choice.is_guarded(patch):
        hint = f"If you know that it is right for you: --force {patch.id}"
        return row(Status.REFUSED, why="guard", reason=f"it is guarded: {patch.guard}", hint=hint)
    return None


def _settled(row: PlannedPatch, applied: JournalPatch | None) -> PlannedPatch:
    """Return what a row comes to for a patch that is applied, perhaps in another form.

    What the original has already is taken, with nothing to change: the old form goes. Where this form finds
    nothing to do, somebody has to decide.
    """
    if applied is None or not applied.splices:
        return row
    if row.status is Status.ALREADY:
        return replace(row, status=Status.APPLIED, why="", reason="")
    if row.status is Status.ABSENT:
        reason = f"{row.reason}, but another form of the patch is applied"
        hint = f"`ttsopt rollback -p {row.patch.id}` takes that out."
        return replace(row, status=Status.REFUSED, why="absent", reason=reason, hint=hint)
    return row
