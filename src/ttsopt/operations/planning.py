"""The plan that everything shares: what every patch would do to the checkout, computed whole in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from ttsopt.checkout.fs.files import sha256
from ttsopt.domain.journal import OWN, Journal
from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import FileChange, Plan, PlannedFile, PlannedPatch
from ttsopt.editing.compose import ConflictError
from ttsopt.errors import UsageError
from ttsopt.operations.locate import Located, Target, locate, unrecognised
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.candidates import Candidate, candidates
from ttsopt.operations.plan.drift import (
    FileDrift,
    file_drifts,
    with_gone_again,
    with_put_back,
    without_gone,
)
from ttsopt.operations.plan.planner import Planner
from ttsopt.operations.plan.relations import relations_of
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.recovery import settled_journal


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """Where, and which patches. Without `recognised`, what system it is does not matter to whoever asks."""

    target: Target
    choice: Selection = field(default_factory=Selection)
    recognised: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, with what it was made from: how patched files stand, what is `recorded` of them.

    `before` is that without what is gone, and `journal` what the plan leads to from there.
    """

    located: Located
    baseline: Baseline
    plan: Plan
    stands: tuple[FileDrift, ...]
    recorded: Journal
    before: Journal
    journal: Journal

    @property
    def record(self) -> Journal:
        """The journal to be written: what the plan leads to, and what is on record of files that are gone."""
        return with_gone_again(self.journal, self.recorded, self.before)

    @property
    def put_back(self) -> tuple[str, ...]:
        """Created files that were missing, and that the plan brings back."""
        top, known = self.located.checkout.from_top, self.baseline.put_back
        return tuple(row.path for row in self.plan.changes if top(row.path) in known)


def make_plan(request: PlanRequest) -> Planned:
    """Plan every patch of the chosen systems.

    Raises:
        UsageError: An unknown patch, parameter or value.
        RefusedError: No system, several and none chosen, or a step that was begun and not finished.
    """
    choice = request.choice
    located = (
        locate(request.target, required=not choice.files)
        if request.recognised
        else unrecognised(request.target)
    )
    recorded = settled_journal(located.checkout)
    _check_names(request, located)
    stands = with_put_back(located.checkout, recorded, file_drifts(located.checkout, recorded))
    journal = without_gone(recorded, stands)
    baseline = Baseline(located.checkout, journal, stands)
    found = candidates(choice, located, baseline, journal)
    relations = relations_of(located.catalogue.patches)
    planner = partial(Planner, choice, baseline, journal, relations)
    rows, changes, after = _together(planner(together=True), found) or _one_by_one(
        planner(together=False), found
    )
    results = {change.path: sha256(change.after) for change in changes}
    plan = Plan(tuple(_with_result(row, results) for row in _in_catalogue_order(rows)), changes)
    return Planned(located, baseline, plan, stands, recorded, journal, after)


Taken = tuple[list[PlannedPatch], tuple[FileChange, ...], Journal]


def _together(planner: Planner, found: Sequence[Candidate]) -> Taken | None:
    """All new forms at once; None where one of them is in the way of what stays."""
    try:
        taken = _one_by_one(planner, found)
    except ConflictError:
        return None
    return taken if planner.is_even else None


def _one_by_one(planner: Planner, found: Sequence[Candidate]) -> Taken:
    rows = planner.take_all(found)
    changes = planner.changes()
    return rows, changes, planner.journal(changes)


def _in_catalogue_order(rows: Sequence[PlannedPatch]) -> list[PlannedPatch]:
    """Own patch files first, the rest by root and id, whatever the order that they were taken in."""
    roots = list(dict.fromkeys(row.root for row in rows))
    own = [row for row in rows if row.patch.id.startswith(OWN)]
    others = [row for row in rows if not row.patch.id.startswith(OWN)]
    return own + sorted(others, key=lambda row: (roots.index(row.root), row.patch.id))


def _check_names(request: PlanRequest, located: Located) -> None:
    choice = request.choice
    if not (choice.patches or choice.settings or choice.forced):
        return
    from ttsopt.catalog.parameters import parameter_values, parse_settings

    chosen = {found.system.id for found in located.systems}
    catalogue = located.catalogue
    named = (*choice.patches, *choice.forced)
    asked = {*named, *parse_settings(choice.settings)}
    if not asked <= {patch.id for patch in catalogue.patches}:
        from ttsopt.catalog.load import load_catalogue

        catalogue = load_catalogue(request.target.catalogs)  # to tell another system's from none
    for patch_id in named:
        if patch_id.startswith(OWN):
            hint = "Name the diff itself: --patch-file X.patch."
            raise UsageError("own-patch", f"{patch_id} is a patch file, not in the catalogue", hint)
        _check_system(catalogue.patch(patch_id, chosen), chosen)
    for patch_id, given in parse_settings(choice.settings).items():
        patch = catalogue.patch(patch_id, chosen)
        _check_system(patch, chosen)
        parameter_values(patch, given, {})


def _check_system(patch: Patch, chosen: set[str]) -> None:
    if patch.system not in chosen:
        message = f"{patch.id} is for {patch.system}; what was found is {', '.join(sorted(chosen)) or 'nothing'}"
        raise UsageError("other-system", message, "`ttsopt list DIR` shows what applies there.")


def _with_result(row: PlannedPatch, afters: Mapping[str, str]) -> PlannedPatch:
    """A row whose files carry the hash that they are to have."""
    files = tuple(_file_with_result(file, afters) for file in row.files)
    return replace(row, files=files)


def _file_with_result(file: PlannedFile, afters: Mapping[str, str]) -> PlannedFile:
    return replace(file, after_sha256=afters.get(file.path, file.before_sha256))
