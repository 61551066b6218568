"""Layouts whose package folder may have any name: which one it has, by its place and by the file's own imports."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ttsopt.boundary.reading import MIB, read_bytes
from ttsopt.domain.system import Layout

ANY = "*/"


def layout_at(directory: Path, file: str, layout: Layout) -> Layout | None:
    """A layout with the name of the package folder that `file` lies in, itself where it has a name of its own.

    None where the file does not lie as the first of the layout's does.
    """
    first = layout.files[0].path
    if not first.startswith(ANY):
        return layout
    inside = f"/{first.removeprefix(ANY)}"
    whole = f"{directory.as_posix().rstrip('/')}/{file}"
    if not whole.endswith(inside):
        return None
    name = _imported_as(directory / file, whole.removesuffix(inside))
    return replace(
        layout,
        files=tuple(replace(one, path=_named(one.path, name)) for one in layout.files),
        copy=tuple(_named(path, name) for path in layout.copy),
        folder=name,
    )


def _named(path: str, name: str) -> str:
    return name + path.removeprefix("*") if path == "*" or path.startswith(ANY) else path


def _imported_as(file: Path, folder: str) -> str:
    """How far up the package begins: `foo/bar` where the file imports `foo.bar`, else the folder's own name."""
    last = folder.rpartition("/")[2]
    for dotted in _dotted(file, last):
        path = dotted.replace(".", "/")
        if folder.endswith(f"/{path}"):
            return path
    return last


def _dotted(file: Path, last: str) -> list[str]:
    """Names in the imports of a file that end in that folder's, the longest first."""
    pattern = rf"^[ \t]*(?:from|import)[ \t]+((?:\w+\.)*{re.escape(last)})(?=[. \t])"
    try:
        text = read_bytes(file, MIB).decode(errors="replace")
    except OSError:
        return []
    return sorted(set(re.findall(pattern, text, re.MULTILINE)), key=len, reverse=True)
