"""List and show: the catalogue, and what of it applies in a checkout."""

from __future__ import annotations

from dataclasses import dataclass

from ttsopt.catalog.load import load_catalogue
from ttsopt.catalog.parameters import describe_values
from ttsopt.domain.effect import Device, Effect
from ttsopt.domain.patch import Edit, Parameter, Patch
from ttsopt.editing.resolve import describe
from ttsopt.operations.locate import Target
from ttsopt.operations.planner import Choice
from ttsopt.operations.planning import Planned, PlanRequest, make_plan


@dataclass(frozen=True, slots=True)
class PatchDescription:
    """A patch with its edits in plain words, per file, and its parameters' values."""

    patch: Patch
    edits: tuple[tuple[str, tuple[str, ...]], ...]
    parameters: tuple[tuple[Parameter, str], ...]


def list_patches() -> tuple[Patch, ...]:
    """Every patch of the catalogue."""
    return load_catalogue().patches


def list_for(target: Target) -> Planned:
    """What every patch of the checkout's systems would answer there, whatever its effect."""
    return make_plan(PlanRequest(target, Choice(effect=Effect.LOSSY, device=Device.ANY)))


def show_patch(patch_id: str) -> PatchDescription:
    """Explain one patch.

    Raises:
        UsageError: There is none of that id.
    """
    patch = load_catalogue().patch(patch_id)
    edits = tuple(
        (target.paths[0], tuple(_describe(edit) for edit in target.edits)) for target in patch.files
    )
    return PatchDescription(
        patch, edits, tuple((one, describe_values(one)) for one in patch.parameters)
    )


def _describe(edit: Edit) -> str:
    conditions = [
        f"{name} is {' or '.join(map(str, values))}" for name, values in edit.when.items()
    ]
    extra = [f"only where {' and '.join(conditions)}"] * bool(conditions) + [
        "if it is there"
    ] * edit.optional
    return describe(edit) + (f" ({', '.join(extra)})" if extra else "")
