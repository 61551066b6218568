"""Which systems a tree holds: signatures against paths and definitions, as text; nothing of it is run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.discovery.any_package import layout_at
from ttsopt.discovery.backups import in_backup
from ttsopt.discovery.definitions import holds, is_file
from ttsopt.discovery.version import read_version
from ttsopt.discovery.walk import files_named
from ttsopt.domain.system import FileSignature, FoundSystem, Layout, System
from ttsopt.errors import CannotRunError


@dataclass(frozen=True, slots=True)
class _Candidate:
    system: System
    layout: Layout
    root: str


def find_systems(directory: Path, systems: Sequence[System]) -> tuple[FoundSystem, ...]:
    """Every system below a folder, by root. A layout that is listed first wins over one inside it."""
    found: dict[tuple[str, str], FoundSystem] = {}
    claimed: set[tuple[str, str]] = set()
    for candidate, key_file in _candidates(directory, systems):
        system = candidate.system
        place = (system.id, candidate.root)
        if place in found or (system.id, key_file) in claimed:
            continue
        evidence = _evidence(directory / candidate.root, candidate.layout)
        if evidence:
            version = read_version(directory / candidate.root, system, candidate.layout)
            found[place] = FoundSystem(
                system,
                candidate.root,
                candidate.layout,
                version,
                evidence,
                in_backup(candidate.root),
            )
            claimed.add((system.id, key_file))
    return tuple(sorted(found.values(), key=lambda one: (one.root != ".", one.root, one.system.id)))


def _candidates(directory: Path, systems: Sequence[System]) -> Iterator[tuple[_Candidate, str]]:
    """Roots where the first file of a layout lies where it should, layouts in the order they are listed."""
    layouts = [
        (system, layout, layout.files[0].path) for system in systems for layout in system.layouts
    ]
    files: dict[str, list[str]] = {path.rpartition("/")[2]: [] for _, _, path in layouts}
    for file in files_named(directory, files):
        files[file.rpartition("/")[2]].append(file)
    for system, layout, path in layouts:
        for file in files[path.rpartition("/")[2]]:
            named = layout_at(directory, file, layout)
            root = named and _root(directory, file, named.files[0].path)
            if named and root:
                yield _Candidate(system, named, root), file


def _root(directory: Path, file: str, path: str) -> str:
    """The folder in which a file has that path; empty where there is none."""
    if f"/{file}".endswith(f"/{path}"):
        return file[: -len(path) - 1] or "."
    whole = f"{directory.as_posix().rstrip('/')}/{file}"
    if not whole.endswith(f"/{path}"):
        return ""
    # It lies above the folder: `src` of a checkout is no checkout of another layout.
    return Path(os.path.relpath(whole[: -len(path)], directory)).as_posix()


def _evidence(root: Path, layout: Layout) -> tuple[str, ...]:
    """Return what was found, a line each; empty unless all of it is there."""
    complete = all(_is_there(root, signature) for signature in layout.files)
    return tuple(_line(signature) for signature in layout.files) if complete else ()


def _is_there(root: Path, signature: FileSignature) -> bool:
    path = root / signature.path
    if is_file(path) and not os.access(path, os.R_OK):
        message = f"{path} cannot be read, so that nobody can tell what is there"
        raise CannotRunError("unreadable", message, "ttsopt reads as the user who runs it.")
    return is_file(path) and all(holds(path, anchor) for anchor in signature.defines)


def _line(signature: FileSignature) -> str:
    return (
        f"{signature.path}: {', '.join(signature.defines)}" if signature.defines else signature.path
    )
