"""How a file is to import a module that is laid beside it: as it imports its own siblings.

An import that runs whenever its file is imported, and that leads to a file of the tree, proves what is on the
import path there: right before it, a module beside the file can be imported from the same folder. Where a file has
no such import, its importers tell how it is loaded, then the other files of its folder, then the layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ttsopt.discovery.walk import files_matching
from ttsopt.domain.system import FoundSystem
from ttsopt.editing.python.imported import (
    Imported,
    behind_path_moves,
    imports_of,
    runs_as_script,
)
from ttsopt.editing.unparsable import UnparsableError
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.helper_importers import loaded_as
from ttsopt.operations.plan.module_search import Sibling, SourceTree, Strength

RELATIVE, BARE = ".", ""
# Files of one folder that are asked how they import their siblings.
MOST_NEIGHBOURS = 50


@dataclass(frozen=True, slots=True)
class ImportForm:
    """Prefix of the name of a module beside the file: `.`, `package.folder.`, or nothing.

    `either`: relative where the file is loaded as part of a package, by the bare name where it is not.
    `line` is that of an import before which it has to stand; 0: at the top of the file.
    """

    prefix: str = BARE
    line: int = 0
    either: bool = False

    def statement(self, module: str, names: Sequence[str]) -> str:
        """Return the import of `names` from a module beside the file."""
        what = f"import {', '.join(names)}"
        if not self.either:
            return f"from {self.prefix}{module} {what}"
        return f"if __package__:\n    from .{module} {what}\nelse:\n    from {module} {what}"


def import_form(baseline: Baseline, found: FoundSystem, user: str, module: str) -> ImportForm:
    """Return how `user`, a path from the folder that was asked about, is to import `module` beside it.

    Raises:
        CannotRunError, RefusedError: A file cannot be read, as `Baseline.original` says.
        UnparsableError: The file is not Python.
    """
    path = PurePosixPath(baseline.checkout.from_top(user))
    raw = baseline.original(path.as_posix()) or b""
    imports = imports_of(raw)
    tree = SourceTree(baseline.checkout.top)
    return (
        _already(imports, module)
        or _own(tree, path, raw, imports)
        or _by_importers(baseline, found, path, raw)
        or _by_neighbours(baseline, tree, path)
        or _by_layout(tree, baseline, found, path)
    )


def _already(imports: Iterable[Imported], module: str) -> ImportForm | None:
    """The tree's own import of that module."""
    for one in imports:
        if one.certain and one.module[-1:] == (module,):
            return ImportForm("." * one.level + "".join(f"{part}." for part in one.module[:-1]))
    return None


def _own(
    tree: SourceTree, path: PurePosixPath, raw: bytes, imports: Iterable[Imported]
) -> ImportForm | None:
    """Return what the file's own imports prove, the strongest and then the first of them."""
    siblings = _siblings(tree, path, imports)
    certain = [one for one in siblings if one.imported.certain]
    if certain:
        return _proven(min(certain, key=lambda one: one.strength), siblings)
    strong = [one.prefix for one in siblings if one.strength <= Strength.OWN]
    return _of_several(strong, behind_path_moves(raw)) if strong else None


def _siblings(tree: SourceTree, path: PurePosixPath, imports: Iterable[Imported]) -> list[Sibling]:
    found = (tree.sibling(path.parent.parts, one) for one in imports)
    return [one for one in found if one is not None]


def _proven(best: Sibling, siblings: Iterable[Sibling]) -> ImportForm:
    """At the top where nothing above can have changed the path, else right before the import that proves it."""
    if best.strength is Strength.RELATIVE:
        return ImportForm(RELATIVE)
    line = best.imported.line
    others = {one.base for one in siblings if one.imported.certain and one.imported.line < line}
    moved = best.imported.path_moved or others - {best.base}
    return ImportForm(best.prefix, line if moved else 0)


def _of_several(prefixes: Sequence[str], line: int = 0) -> ImportForm:
    """One form for files that are loaded in all of these ways; the package counts where its name is not needed."""
    if BARE in prefixes and len(set(prefixes)) > 1:
        return ImportForm(either=True, line=line)
    return ImportForm(RELATIVE if RELATIVE in prefixes else prefixes[0], line)


def _by_importers(
    baseline: Baseline, found: FoundSystem, path: PurePosixPath, raw: bytes
) -> ImportForm | None:
    """A file that imports nothing of the tree must stay what it is for everybody who loads it."""
    loaded = loaded_as(baseline, found, baseline.checkout.top / path)
    script = loaded.script or runs_as_script(raw)
    root = PurePosixPath(baseline.checkout.from_top(found.root))
    if script and path.parent != root:
        return ImportForm(either=True)
    ways = [RELATIVE] * loaded.packaged + [BARE] * (loaded.bare or script)
    return _of_several(ways) if ways else None


def _by_neighbours(baseline: Baseline, tree: SourceTree, path: PurePosixPath) -> ImportForm | None:
    """How the other files of the folder import their siblings."""
    folder = baseline.checkout.top / path.parent
    names = [name for name in files_matching(folder, "*.py") if name != path.name]
    prefixes = []
    for name in names[:MOST_NEIGHBOURS]:
        try:
            imports = imports_of(baseline.original((path.parent / name).as_posix()) or b"")
        except UnparsableError:
            continue
        siblings = _siblings(tree, path, imports)
        certain = [one for one in siblings if one.imported.certain and one.strength <= Strength.OWN]
        prefixes += [min(certain, key=lambda one: one.strength).prefix] if certain else []
    return _of_several(prefixes) if prefixes else None


def _by_layout(
    tree: SourceTree, baseline: Baseline, found: FoundSystem, path: PurePosixPath
) -> ImportForm:
    """Relative in a package; the whole name below an import path of the system; else the bare name."""
    if tree.is_package(path.parent.parts):
        return ImportForm(RELATIVE)
    root = PurePosixPath(baseline.checkout.from_top(found.root))
    below = path.relative_to(root).as_posix() if path.is_relative_to(root) else ""
    package, dot, _ = found.layout.module(below).rpartition(".")
    return ImportForm(package + dot)
