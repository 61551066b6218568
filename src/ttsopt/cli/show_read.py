"""The answers of `ttsopt discover`, `list` and `show`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ttsopt.cli.patch_words import said
from ttsopt.cli.text import print_lines, table
from ttsopt.domain.patch import Patch
from ttsopt.domain.system import FoundSystem
from ttsopt.operations.locate import Runs


def show_systems(
    found: Sequence[FoundSystem], directory: Path, run: Sequence[Sequence[Runs]] = ()
) -> None:
    """Every system with its evidence, and what users run of it, a sequence for each system."""
    if not found:
        print_lines([f"no TTS system that ttsopt knows in {directory}"])
    for one, points in zip(found, run or [()] * len(found), strict=True):
        backup = ", a backup copy: left alone" * one.backup
        version = f"version {one.version.label}{backup}"
        print_lines([f"{one.system.name} ({one.system.id}) at {one.root}, {version}"])
        commit = f", commit {one.version.commit}" if one.version.commit else ""
        if one.version.source != "unknown":
            print_lines([f"  version by {one.version.source}{commit}"])
        print_lines(f"  {line}" for line in one.evidence)
        print_lines(
            f"  entry point {point.file}: {', '.join(point.files)}"
            for point in points
            if point.files
        )


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
    rows = (
        [patch.id, patch.effect.value, patch.device.value, said(patch, patch.summary)]
        for patch in patches
    )
    table(("patch", "effect", "device", "what it does"), rows)
