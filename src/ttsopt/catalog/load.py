"""Reads catalogue folders: `<system>/system.toml` and `<system>/<patch>/patch.toml`."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from ttsopt.boundary.parsing import load_toml
from ttsopt.boundary.reading import TABLE, read_text
from ttsopt.catalog.catalogue import Catalogue
from ttsopt.catalog.checks import check_patch, check_system
from ttsopt.catalog.helpers import read_helpers
from ttsopt.catalog.location import catalogue_folder, own_catalogues
from ttsopt.catalog.problems import Problem, SchemaError
from ttsopt.catalog.relations import Filed, check_relations, check_unique, ranked
from ttsopt.catalog.schema import Table, patch_from_table, system_from_table
from ttsopt.domain.patch import Patch
from ttsopt.domain.system import System
from ttsopt.errors import CannotRunError

T = TypeVar("T", bound=Patch | System)


def load_catalogue(extra: Sequence[Path] = (), of: Collection[str] | None = None) -> Catalogue:
    """The catalogue that comes with ttsopt, with the folders in `extra`.

    Every system is there; with `of` (ids of systems), the patches of those alone.

    Raises:
        UsageError: One of `extra` is no catalogue.
        CannotRunError: Files are wrong; the message has every problem, with file and key.
    """
    return _right(*read_catalogue(extra, of), extra)


def load_patches(catalogue: Catalogue, of: Collection[str], extra: Sequence[Path]) -> Catalogue:
    """A catalogue that was loaded without its patches, with those of some systems; `of` and `extra` as above.

    Raises:
        CannotRunError: As above.
    """
    return _right(*_with_patches(catalogue, of), extra)


def read_catalogue(
    extra: Sequence[Path] = (), of: Collection[str] | None = None
) -> tuple[Catalogue, tuple[Problem, ...]]:
    """All that could be read, and everything that is wrong, in the order of the files; `of` as above.

    Raises:
        UsageError: One of `extra` is no catalogue.
    """
    folders = _folders(extra)
    problems: list[Problem] = []
    systems: list[Filed[System]] = []
    for folder in folders:
        reader = _Reader(folder, "system.toml", problems, system_from_table, check_system)
        systems += reader.entries(1)
    problems += check_unique(systems)
    systems.sort(key=lambda one: one.entry.id)
    made, others = _with_patches(Catalogue(folders, tuple(one.entry for one in systems)), of)
    return made, _in_order([*problems, *others])


def _with_patches(
    catalogue: Catalogue, of: Collection[str] | None
) -> tuple[Catalogue, tuple[Problem, ...]]:
    problems: list[Problem] = []
    patches: list[Filed[Patch]] = []
    for folder in catalogue.folders if of is None or of else ():
        reader = _Reader(folder, "patch.toml", problems, patch_from_table, check_patch)
        read = reader.entries(2, of)
        patches += [_with_helpers(one, folder, problems) for one in read]
    problems += check_relations(patches, {system.id for system in catalogue.systems})
    patches.sort(key=lambda one: one.entry.id)
    made = replace(
        catalogue,
        patches=ranked([one.entry for one in patches]),
        homes={one.entry.id: one.path.parent for one in patches},
    )
    return made, _in_order(problems)


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(sorted(problems, key=lambda one: one.file)))


def _right(catalogue: Catalogue, problems: Collection[Problem], extra: Sequence[Path]) -> Catalogue:
    if problems:
        options = "".join(f" --catalog {folder}" for folder in extra)
        raise CannotRunError(
            "bad-catalogue",
            "the catalogue has errors:",
            f"Mend them; `ttsopt list --check{options}` looks again.",
            (line for problem in problems for line in problem.lines()),
        )
    return catalogue


def _folders(extra: Sequence[Path]) -> tuple[Path, ...]:
    """As the user wrote them, for that is how they are printed; the shipped one may be named again."""
    found: dict[Path, Path] = {}
    for folder in (catalogue_folder(), *own_catalogues(extra)):
        found.setdefault(folder.resolve(), folder)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Reader(Generic[T]):
    """Reads the files of one kind in one folder; `problems` grows."""

    folder: Path
    name: str
    problems: list[Problem]
    build: Callable[[Table], T]
    check: Callable[[T], Iterator[tuple[str, str]]]

    def entries(self, depth: int, of: Collection[str] | None = None) -> Iterator[Filed[T]]:
        """Yield the entries so many folders deep; `of` limits the first of these."""
        homes = [home for home in _folders_in(self.folder) if of is None or home.name in of]
        # `_helpers` is no system, and `.git` is none either.
        homes = [home for home in homes if not home.name.startswith(("_", "."))]
        for _ in range(depth - 1):
            homes = [inner for home in homes for inner in _folders_in(home)]
        for path in (home / self.name for home in homes):
            # Not `Path.exists`, which raises where a folder may not be looked into.
            made = self._read(path) if os.path.exists(path) else None  # noqa: PTH110
            if made is not None:
                expected = path.relative_to(self.folder).parent.as_posix()
                self._complain(path, [*self.check(made), *_misplaced(expected, made)])
                yield Filed(path, made)

    def _complain(self, path: Path, rows: Iterable[tuple[str, str]]) -> None:
        self.problems.extend(Problem(str(path), *row) for row in rows)

    def _read(self, path: Path) -> T | None:
        try:
            made: T = _built(self.build, read_text(path, TABLE))
        except SchemaError as error:
            self._complain(path, error.rows)
        except (ValueError, OSError) as error:
            self._complain(path, [("", str(error))])
        else:
            return made
        return None


def _folders_in(folder: Path) -> list[Path]:
    """The folders of one, by name, none where it cannot be read; `glob` would look into all systems."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(one.name for one in entries if one.is_dir())
    except OSError:
        return []
    return [folder / name for name in names]


@cache
def _built(build: Callable[[Table], T], text: str) -> T:
    """Whoever loads the catalogue again and again, as running its cases does, parses each text once."""
    return build(load_toml(text))


def _with_helpers(one: Filed[Patch], folder: Path, problems: list[Problem]) -> Filed[Patch]:
    helpers, rows = read_helpers(one.entry, one.path.parent, folder)
    problems += [Problem(str(one.path), *row) for row in rows]
    return Filed(one.path, replace(one.entry, helpers=helpers, home=one.path.parent))


def _misplaced(expected: str, entry: Patch | System) -> list[tuple[str, str]]:
    if entry.id == expected:
        return []
    return [("id", f"it is {entry.id!r}, but the folder says {expected!r}")]
