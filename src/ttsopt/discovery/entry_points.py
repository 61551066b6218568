"""Entry points of a checkout: its web pages, services and command lines, and the files that they import."""

from __future__ import annotations

from pathlib import Path

from ttsopt.discovery.definitions import holds
from ttsopt.discovery.imports import Imports
from ttsopt.discovery.walk import files_matching
from ttsopt.domain.system import EntryPoint, FoundSystem, System

MOST = 30


def entry_points(directory: Path, found: FoundSystem) -> tuple[EntryPoint, ...]:
    """The entry points of a system, at most 30, in the order of its patterns; paths are relative to its root."""
    root = directory / found.root
    files = dict.fromkeys(
        file for pattern in found.system.entry_points for file in files_matching(root, pattern)
    )
    imports = Imports(root, found.layout.import_paths)
    return tuple(EntryPoint(file, imports.reached_from(file)) for file in [*files][:MOST])


def told_files(directory: Path, found: FoundSystem, point: EntryPoint) -> tuple[str, ...]:
    """The files behind an entry point, itself among them, that define what the system is told by."""
    root = directory / found.root
    anchors = _told_by(found.system)
    return tuple(
        file for file in point.reaches if any(holds(root / file, anchor) for anchor in anchors)
    )


def _told_by(system: System) -> tuple[str, ...]:
    told = [name for layout in system.layouts for file in layout.files for name in file.defines]
    return tuple(dict.fromkeys([*told, *(shape.defines for shape in system.shapes)]))
