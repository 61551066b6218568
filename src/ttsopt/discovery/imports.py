"""Which files of a tree a Python file imports, read as text: nothing is parsed as a whole, nothing run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from ttsopt.discovery.definitions import is_file

LARGEST = 2**20  # bytes
MOST_FILES = 300

_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(?P<module>\.*[\w.]*)[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\n#]*)"
    rb"|import[ \t]+(?P<modules>[^\n#]+))",
    re.MULTILINE,
)
_NAME = re.compile(r"[\w.]+")


def reached_from(root: Path, file: str, import_paths: Sequence[str]) -> tuple[str, ...]:
    """A file and all that it imports within `root`, at most 300; paths relative to `root`, nearest first."""
    found = [file]
    for path in found:  # it grows meanwhile
        new = (other for other in _imported(root, path, import_paths) if other not in found)
        found += list(dict.fromkeys(new))[: MOST_FILES - len(found)]
    return tuple(found)


def _imported(root: Path, file: str, import_paths: Sequence[str]) -> Iterator[str]:
    folder = PurePosixPath(file).parent
    starts = [folder, *(PurePosixPath(path) for path in import_paths)]
    for match in _IMPORT.finditer(_text(root / file)):
        if match["modules"] is not None:
            modules = [
                part.split()[0] for part in _decoded(match["modules"]).split(",") if part.split()
            ]
            for module in modules:
                yield from _files(root, starts, module, ())
            continue
        module, names = _decoded(match["module"]), _NAME.findall(_decoded(match["names"]))
        dots = len(module) - len(module.lstrip("."))
        if dots > len(folder.parts) + 1:
            continue
        bases = [_up(folder, dots - 1)] if dots else starts
        yield from _files(root, bases, module[dots:], names)


def _files(
    root: Path, bases: Sequence[PurePosixPath], module: str, names: Sequence[str]
) -> Iterator[str]:
    """The file of a module at the first base that has it, its package, and those of its names that are modules."""
    parts = [part for part in module.split(".") if part]
    for base in bases:
        place = base.joinpath(*parts)
        own = [f"{place}.py"] * bool(parts) + [f"{place}/__init__.py"]
        there = [path for path in own if is_file(root / path)]
        there += [path for name in names if is_file(root / (path := f"{place}/{name}.py"))]
        if there:
            yield from (PurePosixPath(path).as_posix() for path in there)
            return


def _up(folder: PurePosixPath, levels: int) -> PurePosixPath:
    for _ in range(levels):
        folder = folder.parent
    return folder


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.stat().st_size <= LARGEST else b""
    except OSError:
        return b""


def _decoded(text: bytes) -> str:
    return text.decode(errors="replace").strip("() \t\r\n")
