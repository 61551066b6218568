"""The answers of `ttsopt discover`, `list` and `show`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ttsopt.cli.text import print_lines, table
from ttsopt.domain.patch import Patch
from ttsopt.domain.system import FoundSystem
from ttsopt.operations.catalogue import PatchDescription


def show_systems(found: Sequence[FoundSystem], directory: Path) -> None:
    """Every system with its evidence."""
    if not found:
        print_lines([f"no TTS system that ttsopt knows in {directory}"])
    for one in found:
        print_lines(
            [f"{one.system.name} ({one.system.id}) at {one.root}, version {one.version.label}"]
        )
        commit = f", commit {one.version.commit}" if one.version.commit else ""
        print_lines([f"  version by {one.version.source}{commit}"])
        print_lines(f"  {line}" for line in one.evidence)


def catalogue_row(patch: Patch) -> dict[str, Any]:
    """A patch of the catalogue in short."""
    return {
        "patch": patch.id,
        "version": patch.version,
        "effect": patch.effect.value,
        "device": patch.device.value,
        "summary": patch.summary,
    }


def show_catalogue(patches: Sequence[Patch]) -> None:
    """A line a patch."""
    rows = ([patch.id, patch.effect.value, patch.device.value, patch.summary] for patch in patches)
    table(("patch", "effect", "device", "what it does"), rows)


def description_row(description: PatchDescription) -> dict[str, Any]:
    """All that `show` says."""
    patch = description.patch
    parameters = [
        {"name": one.name, "default": one.default, "takes": takes, "help": one.help}
        for one, takes in description.parameters
    ]
    return catalogue_row(patch) | {
        "why": patch.why.strip(),
        "claims": [{"figure": claim.figure, "source": claim.source} for claim in patch.claims],
        "parameters": parameters,
        "edits": [{"path": path, "edits": list(edits)} for path, edits in description.edits],
    }


def show_description(description: PatchDescription) -> None:
    """The same for people."""
    patch = description.patch
    print_lines([f"{patch.id}, version {patch.version}: {patch.summary}"])
    print_lines(
        [f"effect {patch.effect.value}, device {patch.device.value}", "", patch.why.strip(), ""]
    )
    for claim in patch.claims:
        print_lines([f"claimed, not measured here: {claim.figure} ({claim.source})"])
    for one, takes in description.parameters:
        print_lines(
            [f"--set {patch.id}.{one.name}=...: {takes}; default {one.default}. {one.help}"]
        )
    for path, edits in description.edits:
        print_lines([path, *(f"  {edit}" for edit in edits)])
