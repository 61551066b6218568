"""The files that a patch lays out: its own in `files/`, or shared ones in `_helpers/` of its catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ttsopt.boundary.parsing import parse_python
from ttsopt.boundary.reading import read_bytes
from ttsopt.catalog.walk import Place, places_of
from ttsopt.domain.edits import AddFile
from ttsopt.domain.patch import Patch

SHARED = "_helpers"
OWN = "files"
# The oldest Python that a supported checkout runs on.
OLDEST = (3, 8)
Rows = list[tuple[str, str]]


def read_helpers(patch: Patch, folder: Path, catalogue: Path) -> tuple[Mapping[str, bytes], Rows]:
    """The content of every file that the patch's `add_file` edits name, and what is wrong with them."""
    helpers: dict[str, bytes] = {}
    rows: Rows = []
    for place in places_of(patch):
        if isinstance(place.edit, AddFile):
            rows += _read(place, place.edit, (folder / OWN, catalogue / SHARED), helpers)
    rows += [
        ("", f"{OWN}/{path.name} is laid out by no edit")
        for path in sorted((folder / OWN).glob("*.py"))
        if path.name not in helpers
    ]
    return helpers, rows


def _read(
    place: Place, edit: AddFile, folders: tuple[Path, ...], helpers: dict[str, bytes]
) -> Iterator[tuple[str, str]]:
    key = f"{place.key}.add_file"
    if not re.fullmatch(r"[^\W\d]\w*\.py", edit.helper):
        yield key, f"expected the name of a Python module, such as steps.py, got {edit.helper!r}"
        return
    path = next((one / edit.helper for one in folders if (one / edit.helper).is_file()), None)
    if path is None:
        yield key, f"there is no {OWN}/{edit.helper} beside it, and no {SHARED}/{edit.helper}"
        return
    try:
        helpers[edit.helper] = read_bytes(path)
        tree = parse_python(helpers[edit.helper], OLDEST)
    except SyntaxError as error:
        yield key, f"{edit.helper}:{error.lineno}: no Python {_oldest()}: {error.msg}"
    except (OSError, ValueError) as error:
        yield key, f"{edit.helper} cannot be read: {error}"
    else:
        yield from _unknown(place, edit, tree)


def _unknown(place: Place, edit: AddFile, tree: ast.AST) -> Iterator[tuple[str, str]]:
    known = set(_defined(tree))
    for number, name in enumerate(edit.names):
        if name not in known:
            yield f"{place.key}.import[{number}]", f"{edit.helper} defines no {name}"


def _defined(tree: ast.AST) -> Iterator[str]:
    """The names of a module: definitions and assignments that are not within a definition."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.alias():
                yield node.asname or node.name
            case _:
                yield from _defined(node)


def _oldest() -> str:
    return ".".join(map(str, OLDEST))
