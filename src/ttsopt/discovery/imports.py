"""Which files of a tree a Python file imports, read as text: nothing is parsed as a whole, nothing run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ttsopt.boundary.reading import MIB, read_bytes
from ttsopt.discovery.definitions import is_file

MOST_FILES = 300

_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(?P<module>\.*[\w.]*)[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\n#]*)"
    rb"|import[ \t]+(?P<modules>[^\n#]+))",
    re.MULTILINE,
)
_NAME = re.compile(r"[\w.]+")


class Imports:
    """The imports of a tree's files; each file is read once, however many import it."""

    def __init__(self, root: Path, import_paths: Sequence[str]) -> None:
        self._root = root
        self._starts = ["" if path == "." else f"{path}/" for path in import_paths]
        self._known: dict[str, tuple[str, ...]] = {}
        self._there: dict[str, bool] = {}

    def reached_from(self, file: str) -> tuple[str, ...]:
        """A file and all that it imports within the root, at most 300; relative to the root, nearest first."""
        found = {file: None}
        waiting = [file]
        for path in waiting:  # it grows meanwhile
            new = [other for other in self._of(path) if other not in found]
            for other in new[: MOST_FILES - len(found)]:
                found[other] = None
                waiting.append(other)
        return tuple(found)

    def _of(self, file: str) -> tuple[str, ...]:
        if file not in self._known:
            self._known[file] = tuple(dict.fromkeys(self._imported(file)))
        return self._known[file]

    def _imported(self, file: str) -> Iterator[str]:
        folder = file.rpartition("/")[0]
        starts = [f"{folder}/" if folder else "", *self._starts]
        for module, names in _modules(_text(self._root / file)):
            dots = len(module) - len(module.lstrip("."))
            above = folder.split("/") if folder else []
            if dots > len(above) + 1:
                continue
            base = "".join(f"{part}/" for part in above[: len(above) - dots + 1])
            yield from self._files([base] if dots else starts, module[dots:], names)

    def _files(self, bases: Sequence[str], module: str, names: Sequence[str]) -> Iterator[str]:
        """The file of a module at the first base that has it; of a package also those of its names."""
        path = module.replace(".", "/")
        for base in bases:
            place = f"{base}{path}"
            if path and self._is_there(f"{place}.py"):
                yield f"{place}.py"
                return
            inside = f"{place}/" if path else base
            there = (f"{inside}{name}.py" for name in ("__init__", *names))
            found = [one for one in there if self._is_there(one)]
            if found:
                yield from found
                return

    def _is_there(self, path: str) -> bool:
        if path not in self._there:
            self._there[path] = is_file(f"{self._root}/{path}")
        return self._there[path]


def _modules(text: bytes) -> Iterator[tuple[str, list[str]]]:
    """Every module that a text imports, its leading dots too, with the names taken from it."""
    for match in _IMPORT.finditer(text):
        if match["modules"] is None:
            yield _decoded(match["module"]), _NAME.findall(_decoded(match["names"]))
        else:
            parts = (part.split() for part in _decoded(match["modules"]).split(","))
            yield from ((part[0], []) for part in parts if part)


def python_texts(folder: Path) -> dict[str, bytes]:
    """Return what the Python files of one folder hold, by name; those over 1 MiB are as if empty."""
    try:
        names = sorted(path.name for path in folder.iterdir() if path.suffix == ".py")
    except OSError:
        return {}
    files = ((name, folder / name) for name in names[:MOST_FILES])
    return {name: _text(path) for name, path in files if is_file(path)}


def _text(path: Path) -> bytes:
    try:
        return read_bytes(path, MIB)
    except OSError:
        return b""


def _decoded(text: bytes) -> str:
    return text.decode(errors="replace").strip("() \t\r\n")
