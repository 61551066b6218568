"""The files that a patch lays out: its own in `files/`, or shared ones in `_helpers/` of its catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ttsopt.boundary.parsing import compile_python, parse_python
from ttsopt.boundary.reading import read_bytes
from ttsopt.boundary.syntax_tree import children
from ttsopt.catalog.location import catalogue_folder
from ttsopt.catalog.walk import Place, places_of
from ttsopt.domain.edits import AddFile
from ttsopt.domain.patch import Patch

SHARED = "_helpers"
OWN = "files"
PREFIX = "ttsopt_"
# The oldest Python that a supported checkout runs on.
OLDEST = (3, 8)
Rows = list[tuple[str, str]]


def read_helpers(patch: Patch, folder: Path, catalogue: Path) -> tuple[Mapping[str, bytes], Rows]:
    """Return the content of every file that the patch's `add_file` edits lay out, and what is wrong with them.

    Those that the named ones import (`needs`) are among them.
    """
    helpers: dict[str, bytes] = {}
    rows: Rows = []
    folders = (folder / OWN, catalogue / SHARED)
    for place in places_of(patch):
        if isinstance(place.edit, AddFile):
            rows += _read(place, place.edit.helper, place.edit.names, folders, helpers)
    rows += [
        ("", f"{OWN}/{path.name} is laid out by no edit")
        for path in sorted((folder / OWN).glob("*.py"))
        if path.name not in helpers
    ]
    return helpers, rows


def needs(content: bytes) -> tuple[str, ...]:
    """Return the file names of the helpers that a helper imports, by names that begin with `ttsopt_`.

    Raises:
        SyntaxError, ValueError: As `parse_python`.
    """
    return _outline(content).needs


@dataclass(frozen=True, slots=True)
class _Outline:
    """The names that a helper defines, and the file names of the helpers that it imports."""

    defined: frozenset[str]
    needs: tuple[str, ...]


@cache
def _outline(content: bytes) -> _Outline:
    """Read a helper once, however many patches lay it out; raises as `needs`."""
    tree = parse_python(content, OLDEST)
    names = (name for name in _modules(tree) if name.startswith(PREFIX))
    return _Outline(frozenset(_defined(tree)), tuple(dict.fromkeys(f"{name}.py" for name in names)))


def _modules(tree: ast.AST) -> Iterator[str]:
    """The modules that names are taken from; no expression holds an import."""
    waiting = [tree]
    for node in waiting:
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif not isinstance(node, ast.expr):
            waiting += children(node)


def _read(
    place: Place,
    helper: str,
    names: tuple[str, ...],
    folders: tuple[Path, ...],
    helpers: dict[str, bytes],
) -> Iterator[tuple[str, str]]:
    key = f"{place.key}.add_file"
    if not re.fullmatch(r"[^\W\d]\w*\.py", helper):
        yield key, f"expected the name of a Python module, such as steps.py, got {helper!r}"
        return
    path = next((one / helper for one in folders if (one / helper).is_file()), None)
    if path is None:
        yield key, f"there is no {OWN}/{helper} beside it, and no {SHARED}/{helper}"
        return
    try:
        helpers[helper] = read_bytes(path)
        outline = _outline(helpers[helper])
        _check_compiles(helpers[helper], folders[-1].parent)
    except SyntaxError as error:
        yield key, f"{helper}:{error.lineno}: no Python {_oldest()}: {error.msg}"
    except (OSError, ValueError) as error:
        yield key, f"{helper} cannot be read: {error}"
    else:
        yield from _unknown(place, helper, names, outline.defined)
        for needed in outline.needs:
            if needed not in helpers:
                yield from _read(place, needed, (), folders, helpers)


@cache
def _check_compiles(content: bytes, catalogue: Path) -> None:
    """See that a helper compiles, once; tests have seen it of those that come with ttsopt. Raises as `needs`."""
    if catalogue.resolve() != catalogue_folder().resolve():
        compile_python(content)


def _unknown(
    place: Place, helper: str, names: tuple[str, ...], known: Collection[str]
) -> Iterator[tuple[str, str]]:
    for number, name in enumerate(names):
        if name not in known:
            yield f"{place.key}.import[{number}]", f"{helper} defines no {name}"


def _defined(tree: ast.AST) -> Iterator[str]:
    """The names of a module: definitions and assignments that are not within a definition."""
    for node in children(tree):
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
