"""Which file of a tree an import leads to, and how a module beside the importing file is named from there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from ttsopt.boundary.reading import MIB, read_bytes
from ttsopt.discovery.definitions import is_file, is_folder
from ttsopt.editing.python.imported import Imported

Parts = tuple[str, ...]
# Bytes of a file that is searched for names; upstream's largest source has 150 KB.
LARGEST = MIB


class Strength(IntEnum):
    """Evidence that an import gives of modules beside its file; the strongest first."""

    RELATIVE = 0  # `from .x import y`: the file is part of a package
    OWN = 1  # it names the file's own package by its top, or a module of the file's own folder
    OTHER = 2  # it names another package below the folder that the file's own package lies in
    RENAMED = 3  # it names the package otherwise than the folder is called


@dataclass(frozen=True, slots=True)
class Sibling:
    """An import that leads to a file of the tree: what comes before the name of a module beside its file.

    `base` is the folder, from the top, that the import shows to be on the import path.
    """

    imported: Imported
    strength: Strength
    prefix: str
    base: Parts = ()


@dataclass(frozen=True, slots=True)
class SourceTree:
    """The modules of a checkout, looked up on the disk below its top. Paths are in parts, from there."""

    top: Path

    def sibling(self, folder: Parts, imported: Imported) -> Sibling | None:
        """Return what an import of a file in `folder` says; None if it leads out of the tree."""
        if imported.level:
            return Sibling(imported, Strength.RELATIVE, ".")
        if imported.module[0] in sys.stdlib_module_names:
            return None
        named = [*self._named(folder, imported)] or [*self._renamed(folder, imported)]
        return min(named, key=lambda one: one.strength, default=None)

    def is_package(self, folder: Parts) -> bool:
        """Return True if a folder has an `__init__.py`."""
        return is_file(self.top.joinpath(*folder, "__init__.py"))

    def _named(self, folder: Parts, imported: Imported) -> Iterator[Sibling]:
        """The deepest folder above the file first: a name that is in several is nearest there."""
        names = imported.names if len(imported.module) == 1 else ()
        for depth in range(len(folder), -1, -1):
            base, below = folder[:depth], folder[depth:]
            if _identifiers(below) and self._leads(base, imported.module, names):
                own = not below or below[0] == imported.module[0]
                strength = Strength.OWN if own else Strength.OTHER
                yield Sibling(imported, strength, _prefix(below), base)

    def _renamed(self, folder: Parts, imported: Imported) -> Iterator[Sibling]:
        """A package under another name than its folder has: what follows the name is there, with what is taken."""
        for cut in range(1, len(imported.module)):
            head, tail = imported.module[:cut], imported.module[cut:]
            for depth in range(len(folder), -1, -1):
                base, below = folder[:depth], folder[depth:]
                if _identifiers(below) and self._defines(base, tail, imported.names):
                    yield Sibling(imported, Strength.RENAMED, _prefix((*head, *below)), base)

    def _leads(self, base: Parts, module: Parts, names: Sequence[str]) -> bool:
        """Return True if a module is there, and gives one of the names as far as names tell anything."""
        place = "/".join((str(self.top), *base, *module))
        if is_file(f"{place}.py"):
            return not names or _mentions(Path(f"{place}.py"), names)
        if not is_folder(place):
            return False
        below = (f"{place}/{name}" for name in names)
        inside = any(is_file(f"{one}.py") or is_folder(one) for one in below)
        return not names or inside or _mentions(Path(place, "__init__.py"), names)

    def _defines(self, base: Parts, module: Parts, names: Sequence[str]) -> bool:
        """Return True if a file is there that defines one of the names: a third party may call its own so."""
        place = "/".join((str(self.top), *base, *module))
        files = [file for file in (f"{place}.py", f"{place}/__init__.py") if is_file(file)]
        pattern = "|".join(re.escape(name) for name in names if name != "*")
        if not files or not pattern:
            return False
        definition = re.compile(
            rf"^(?:(?:async )?def|class) (?:{pattern})\b|^(?:{pattern})\b *[:=]", re.MULTILINE
        )
        return any(definition.search(text_of(Path(file))) for file in files)


def _prefix(below: Parts) -> str:
    return "".join(f"{part}." for part in below)


def _identifiers(parts: Parts) -> bool:
    return all(part.isidentifier() for part in parts)


def _mentions(file: Path, names: Sequence[str]) -> bool:
    text = text_of(file)
    return "import *" in text or any(
        name == "*" or re.search(rf"\b{re.escape(name)}\b", text) for name in names
    )


def text_of(file: Path) -> str:
    """A file's text for a search; empty where there is none, or more than any source has."""
    try:
        return read_bytes(file, LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""
