"""List and show: the catalogue, and what of it applies in a checkout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttsopt.catalog.load import load_catalogue
from ttsopt.catalog.parameters import describe_values
from ttsopt.domain.device_class import ANY_DEVICE, DeviceClass
from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import FileTarget, Parameter, Patch
from ttsopt.errors import UsageError
from ttsopt.operations.authoring.explain import (
    EditDescription,
    explain_edit,
    explain_note,
    explain_requirements,
)
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import Planned, PlanRequest, make_plan

if TYPE_CHECKING:
    from ttsopt.domain.evidence_level import Evidence
    from ttsopt.domain.patch_result import Measured


@dataclass(frozen=True, slots=True)
class PatchDescription:
    """A patch with its edits in plain words, its parameters' values, what it asks for and what was measured.

    `evidence`: on one class of device; None of a patch from a catalogue of the user's own.
    """

    patch: Patch
    files: tuple[tuple[FileTarget, tuple[EditDescription, ...]], ...]
    parameters: tuple[tuple[Parameter, str], ...]
    requirements: tuple[str, ...]
    notes: tuple[str, ...]
    measured: Measured
    evidence: Evidence | None = None

    def measured_tables(self) -> tuple[dict[str, Any], ...]:
        """Every measurement as plain data."""
        from ttsopt.catalog.results import table_of

        return tuple(table_of(row) for row in self.measured.rows)


def list_patches(
    catalogs: Sequence[Path] = (),
    system: str = "",
    effect: Effect = Effect.LOSSY,
    device: DeviceClass = ANY_DEVICE,
) -> tuple[Patch, ...]:
    """Every patch of the catalogue, or of one system, with no stronger effect and of use on that device.

    Raises:
        UsageError: There is no such system.
    """
    catalogue = load_catalogue(catalogs)
    if system and system not in [one.id for one in catalogue.systems]:
        known = ", ".join(one.id for one in catalogue.systems)
        raise UsageError("unknown-system", f"there is no system {system!r}", f"There are {known}.")
    return tuple(
        patch
        for patch in catalogue.patches
        if system in {"", patch.system}
        and patch.effect.within(effect)
        and device.serves(patch.device)
    )


def list_for(
    target: Target,
    effect: Effect = Effect.LOSSY,
    device: DeviceClass = ANY_DEVICE,
    judged_on: DeviceClass = ANY_DEVICE,
) -> Planned:
    """Return what every patch of the checkout's systems would answer there, with its evidence on `judged_on`."""
    choice = Selection(effect=effect, device=device, everything=True, judged_on=judged_on)
    return make_plan(PlanRequest(target, choice))


def show_patch(
    patch_id: str, catalogs: Sequence[Path] = (), device: DeviceClass = ANY_DEVICE
) -> PatchDescription:
    """Explain one patch, with its evidence on a class of device.

    Raises:
        UsageError: There is none of that id.
        CannotRunError: The catalogue or the results that come with ttsopt are damaged.
    """
    from ttsopt.catalog.results import is_shipped, measured
    from ttsopt.domain.evidence_level import evidence_for

    catalogue = load_catalogue(catalogs)
    patch = catalogue.patch(patch_id)
    home = catalogue.folder_of(patch.id)
    known = measured(patch, home)
    return PatchDescription(
        patch,
        tuple((one, tuple(explain_edit(edit) for edit in one.edits)) for one in patch.files),
        tuple((one, describe_values(one)) for one in patch.parameters),
        explain_requirements(patch),
        tuple(explain_note(note) for note in patch.notes),
        known,
        evidence_for(patch, known.rows, device) if is_shipped(home) else None,
    )
