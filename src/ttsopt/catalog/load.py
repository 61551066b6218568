"""Reads a catalogue folder: `<system>/system.toml` and `<system>/<patch>/patch.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ttsopt.catalog.location import catalogue_folder
from ttsopt.catalog.schema import SchemaError, Table, patch_from_table, system_from_table
from ttsopt.domain.patch import Patch
from ttsopt.domain.system import System
from ttsopt.errors import CannotRunError, UsageError

T = TypeVar("T", Patch, System)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All systems and patches, in the order of their ids."""

    folder: Path
    systems: tuple[System, ...]
    patches: tuple[Patch, ...]

    def patch(self, patch_id: str) -> Patch:
        """The patch of that id.

        Raises:
            UsageError: There is none.
        """
        found = next((patch for patch in self.patches if patch.id == patch_id), None)
        if found is None:
            raise UsageError(
                "unknown-patch", f"there is no patch {patch_id!r}", self._nearest(patch_id)
            )
        return found

    def patches_of(self, system: System) -> tuple[Patch, ...]:
        """The patches of one system."""
        return tuple(patch for patch in self.patches if patch.system == system.id)

    def _nearest(self, patch_id: str) -> str:
        import difflib

        near = difflib.get_close_matches(
            patch_id, [patch.id for patch in self.patches], n=1, cutoff=0.5
        )
        return (
            f"Did you mean {near[0]}? `ttsopt list` shows all."
            if near
            else "`ttsopt list` shows all."
        )


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """Read the catalogue that comes with ttsopt, or the one in `folder`.

    Raises:
        CannotRunError: Files are wrong; the message has every problem, with file and key.
    """
    folder = folder or catalogue_folder()
    problems: list[str] = []
    systems = tuple(_load(folder, "*/system.toml", system_from_table, problems))
    patches = tuple(_load(folder, "*/*/patch.toml", patch_from_table, problems))
    if problems:
        listed = "\n".join(f"  {line}" for line in problems)
        raise CannotRunError(
            "bad-catalogue",
            f"the catalogue {folder} has errors:\n{listed}",
            "Mend the files named.",
        )
    return Catalogue(folder, systems, patches)


def _load(
    folder: Path, pattern: str, build: Callable[[Table], T], problems: list[str]
) -> Iterator[T]:
    for path in sorted(folder.glob(pattern)):
        name = path.relative_to(folder).as_posix()
        try:
            entry = build(tomllib.loads(path.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{name}: {error}")
        except SchemaError as error:
            problems += [f"{name}: {problem}" for problem in error.problems]
        else:
            problems += _misplaced(name, entry)
            yield entry


def _misplaced(name: str, entry: Patch | System) -> list[str]:
    expected = name.rpartition("/")[0]
    return (
        []
        if entry.id == expected
        else [f"{name}: id is {entry.id!r}, but the folder says {expected!r}"]
    )
