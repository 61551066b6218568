"""The plan that everything shares: what every patch would do to the checkout, computed whole in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ttsopt.catalog.parameters import parameter_values, parse_settings
from ttsopt.checkout.files import sha256
from ttsopt.checkout.journal import read_journal
from ttsopt.checkout.location import Checkout
from ttsopt.domain.journal import Journal
from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import Plan, PlannedFile, PlannedPatch
from ttsopt.errors import RefusedError, UsageError
from ttsopt.operations.baseline import Baseline
from ttsopt.operations.locate import Located, Target, locate
from ttsopt.operations.planner import Choice, Planner


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """Where, and which patches."""

    target: Target
    choice: Choice = field(default_factory=Choice)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, with what it was made from: the journal `before` it, and the `journal` that it leads to."""

    located: Located
    baseline: Baseline
    plan: Plan
    before: Journal
    journal: Journal


def make_plan(request: PlanRequest) -> Planned:
    """Plan every patch of the chosen systems.

    Raises:
        UsageError: An unknown patch, parameter or value.
        RefusedError: No system, several and none chosen, or a step that was begun and not finished.
    """
    located = locate(request.target)
    journal = settled_journal(located.checkout)
    _check_names(request.choice, located)
    baseline = Baseline(located.checkout, journal)
    planner = Planner(request.choice, baseline, journal)
    rows = [
        planner.plan_patch(found, patch)
        for found in located.systems
        for patch in located.catalogue.patches_of(found.system)
    ]
    changes = planner.changes()
    afters = {change.path: sha256(change.after) for change in changes}
    plan = Plan(tuple(_with_result(row, afters) for row in rows), changes)
    return Planned(located, baseline, plan, journal, planner.journal(changes))


def settled_journal(checkout: Checkout) -> Journal:
    """The journal of a checkout in which no step was left unfinished.

    Raises:
        RefusedError: One was; only commands that write put that right.
    """
    record = read_journal(checkout)
    if record.pending:
        files = ", ".join(file.path for file in record.pending)
        message = f"an earlier run was stopped while it wrote {files}"
        raise RefusedError(
            "unfinished",
            message,
            "`ttsopt apply` and `ttsopt rollback` put that right before they go on.",
        )
    return record.journal


def _check_names(choice: Choice, located: Located) -> None:
    chosen = {found.system.id for found in located.systems}
    for patch_id in choice.patches:
        _check_system(located.catalogue.patch(patch_id), chosen)
    for patch_id, given in parse_settings(choice.settings).items():
        patch = located.catalogue.patch(patch_id)
        _check_system(patch, chosen)
        parameter_values(patch, given, {})


def _check_system(patch: Patch, chosen: set[str]) -> None:
    if patch.system not in chosen:
        message = (
            f"{patch.id} is for {patch.system}, which is not among {', '.join(sorted(chosen))}"
        )
        raise UsageError("other-system", message, "`ttsopt list DIR` shows what applies there.")


def _with_result(row: PlannedPatch, afters: Mapping[str, str]) -> PlannedPatch:
    """A row whose files carry the hash that they are to have."""
    files = tuple(_file_with_result(file, afters) for file in row.files)
    return replace(row, files=files)


def _file_with_result(file: PlannedFile, afters: Mapping[str, str]) -> PlannedFile:
    return replace(file, after_sha256=afters.get(file.path, file.before_sha256))
