"""Content of the folder that the user named: its top, its systems, the ones to work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.catalog.catalogue import Catalogue
from ttsopt.checkout.state.location import Checkout, open_checkout
from ttsopt.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from ttsopt.domain.system import FoundSystem


@dataclass(frozen=True, slots=True)
class Target:
    """A checkout, and how to choose among the systems in it; `only`: those made of these files (`Workplace`).

    `places`, ids of systems with their roots, are a choice of their own: those of them that are there.
    """

    directory: Path
    system: str = ""
    root: str = ""
    all_roots: bool = False
    catalogs: tuple[Path, ...] = ()
    only: frozenset[str] | None = None
    places: frozenset[tuple[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """A checkout with the systems that were chosen in it, and the catalogue with the patches of those."""

    checkout: Checkout
    catalogue: Catalogue
    systems: tuple[FoundSystem, ...]


def discover(
    directory: Path, catalogs: Sequence[Path] = (), only: frozenset[str] | None = None
) -> tuple[FoundSystem, ...]:
    """Every system in a folder; with `only`, those made of these files."""
    from ttsopt.catalog.load import load_catalogue
    from ttsopt.discovery.find import find_systems

    found = find_systems(open_checkout(directory).directory, load_catalogue(catalogs).systems)
    return found if only is None else _made_of(only, found)


@dataclass(frozen=True, slots=True)
class Runs:
    """A file that a user runs, and the files of the system that it imports; from the folder asked about."""

    file: str
    files: tuple[str, ...]


def what_users_run(directory: Path, found: FoundSystem) -> tuple[Runs, ...]:
    """The entry points of a system that was found in a folder."""
    from ttsopt.discovery.entry_points import entry_points, told_files

    folder = open_checkout(directory).directory

    def here(path: str) -> str:
        return (Path(found.root) / path).as_posix()

    return tuple(
        Runs(here(point.file), tuple(map(here, told_files(folder, found, point))))
        for point in entry_points(folder, found)
    )


def unrecognised(target: Target) -> Located:
    """The checkout alone: a user's own diff is for whatever its files are in, and no catalogue is read for it.

    Raises:
        UsageError: No such folder.
    """
    return Located(open_checkout(target.directory), Catalogue(), ())


def locate(target: Target, *, required: bool = True) -> Located:
    """The systems to work on; without `required`, none is an answer too.

    Raises:
        UsageError: No such folder, system or root.
        RefusedError: No system there, or several and none chosen.
    """
    from ttsopt.catalog.load import load_catalogue, load_patches
    from ttsopt.discovery.find import find_systems

    checkout = open_checkout(target.directory)
    catalogue = load_catalogue(target.catalogs, of=())
    _check_names(target, catalogue)
    found = find_systems(checkout.directory, catalogue.systems)
    found = found if target.only is None else _made_of(target.only, found)
    if not required and _is_open(target, found):
        return Located(checkout, catalogue, ())
    if not found:
        raise _no_system(target, checkout, catalogue)
    chosen = _choose(target, found)
    for one in chosen:
        _refuse_other_home(checkout, one)
    ids = {one.system.id for one in chosen}
    return Located(checkout, load_patches(catalogue, ids, target.catalogs), chosen)


def whole_checkout(directory: Path) -> Path | None:
    """The checkout that a folder is a part of, as its files tell it, or as git does; None where it is none.

    Raises:
        UsageError: No such folder.
    """
    from ttsopt.catalog.load import load_catalogue
    from ttsopt.discovery.find import find_systems

    checkout, systems = open_checkout(directory), load_catalogue(of=()).systems
    roots = [one.root for one in find_systems(checkout.directory, systems)]
    outside = [root for root in roots if root.startswith("..")]
    if roots and not outside:
        return None
    above = (checkout.directory / outside[0]).resolve() if outside else checkout.top
    inside = find_systems(above, systems) if above != checkout.directory else ()
    holds = any(checkout.directory.is_relative_to(above / one.root) for one in inside)
    return above if holds else None


def _made_of(only: frozenset[str], found: Sequence[FoundSystem]) -> tuple[FoundSystem, ...]:
    """The systems told by these files alone; a snapshot copies those, not all that lies beside them."""
    rows = []
    for one in found:
        above = "" if one.root == "." else f"{one.root}/"
        if all(f"{above}{file.path}" in only for file in one.layout.files):
            inside = (path.removeprefix(above) for path in only if path.startswith(above))
            tops = {path.partition("/")[0] for path in inside} - {"__pycache__"}
            layout = replace(one.layout, copy=one.layout.copy or tuple(sorted(tops)))
            rows.append(replace(one, layout=layout))
    return tuple(rows)


def _no_system(target: Target, checkout: Checkout, catalogue: Catalogue) -> RefusedError:
    where = (
        checkout.directory if target.only is None else f"the package's part of {checkout.directory}"
    )
    message = f"no TTS system that ttsopt knows in {where}"
    hint = f"ttsopt knows {_known(catalogue)}. Name the folder of the checkout."
    return RefusedError("no-system", message, hint)


def _check_names(target: Target, catalogue: Catalogue) -> None:
    if target.system and target.system not in [system.id for system in catalogue.systems]:
        raise UsageError(
            "unknown-system",
            f"there is no system {target.system!r}",
            f"There are {_known(catalogue)}.",
        )


def _is_open(target: Target, found: Sequence[FoundSystem]) -> bool:
    """Return True if the user left it open which system is meant, and the tree does not say it either."""
    return len(_fitting(target, found)) != 1 and not (
        target.system or target.root or target.all_roots
    )


def _fitting(target: Target, found: Sequence[FoundSystem]) -> tuple[FoundSystem, ...]:
    """Backup copies count where their root is named, and only there."""
    root = Path(target.root).as_posix() if target.root else ""
    return tuple(
        one
        for one in found
        if target.system in {"", one.system.id}
        and (root == one.root or (not root and not one.backup))
    )


def _choose(target: Target, found: Sequence[FoundSystem]) -> tuple[FoundSystem, ...]:
    if target.places is not None:
        return tuple(one for one in found if (one.system.id, one.root) in target.places)
    chosen = _fitting(target, found)
    listed = _listed(chosen if len(chosen) > 1 else found)
    if not chosen and all(one.backup for one in found):
        message = "nothing but backup copies there, which are left alone:"
        hint = "Name one of them with --root, if it is meant."
        raise RefusedError("only-backups", message, hint, listed)
    if not chosen:
        raise RefusedError(
            "no-such-root",
            "the choice fits none of the systems found:",
            "Choose one of them.",
            listed,
        )
    if len(chosen) > 1 and not target.all_roots:
        message = f"{len(chosen)} places to choose from:"
        hint = "Choose with --system or --root, or take --all-roots."
        raise RefusedError("several-roots", message, hint, listed)
    return chosen


def _listed(found: Sequence[FoundSystem]) -> list[str]:
    return [
        f"  --system {one.system.id} --root {one.root}{' (a backup copy)' * one.backup}"
        for one in found
    ]


def _refuse_other_home(checkout: Checkout, found: FoundSystem) -> None:
    """One tree has one root and one state: a patch must not be known by two names."""
    root = (checkout.directory / found.root).resolve()
    hint = f"Name that folder: {root}"
    if found.root.startswith(".."):
        message = f"{checkout.directory} is a part of the {found.system.name} checkout {root}"
        raise RefusedError("inside-a-checkout", message, hint)
    own = open_checkout(root)
    if own.top != checkout.top and own.has_state:
        message = f"{root} was patched by itself, and keeps its own record of it"
        raise RefusedError("own-state", message, hint)


def _known(catalogue: Catalogue) -> str:
    return ", ".join(system.id for system in catalogue.systems)
