"""The import statements of a Python file: what each one names, and what has run before it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ttsopt.editing.python.layout import begins_line
from ttsopt.editing.python.source import KEPT, PythonSource, parse_source

# Statements after which another folder may be on the import path. `re` skips to the letters a pattern begins with.
_MOVES_PATH = tuple(
    re.compile(pattern)
    for pattern in (
        r"sys(?<=\bsys)\s*\.\s*path\b",
        r"path(?<=\bpath)\.(?:append|insert|extend)\(",
        r"addsitedir(?<=\baddsitedir)\b",
        r"chdir(?<=\bchdir)\b",
        r"PYTHONPATH(?<=\bPYTHONPATH)\b",
        r"rootutils",
    )
)


@dataclass(frozen=True, slots=True)
class Imported:
    """One import of a module: `from` with `level` dots, `module` in its parts, and the `names` taken from it.

    For a plain `import`, `names` are the attributes of it that the file uses. `certain`: it runs whenever the
    module is imported, for it stands at the top level outside `if`, `try` and functions. `line` is that of the
    statement, 0 where nothing can be put before it; `path_moved`: statements above may change `sys.path`.
    """

    level: int
    module: tuple[str, ...]
    names: tuple[str, ...]
    certain: bool
    line: int = 0
    path_moved: bool = False


@lru_cache(maxsize=KEPT)
def imports_of(raw: bytes) -> tuple[Imported, ...]:
    """Return all imports of a file in the order of its lines, those for type checkers alone left out.

    Raises:
        UnparsableError: The bytes are not Python.
    """
    source = parse_source(raw)
    moved_at = min(_path_moves(source), default=0)
    top, taken = {id(node) for node in source.tree.body}, _attributes(source)
    return tuple(
        one
        for node in _statements(source)
        for one in _read(
            source, node, taken, certain=id(node) in top, moved=0 < moved_at < node.lineno
        )
    )


def behind_path_moves(raw: bytes) -> int:
    """Return the line of the first import behind all statements that may change `sys.path`; 0 without such.

    Raises:
        UnparsableError: The bytes are not Python.
    """
    source = parse_source(raw)
    last = max(_path_moves(source), default=0)
    lines = (
        node.lineno
        for node in source.tree.body
        if isinstance(node, ast.Import | ast.ImportFrom) and begins_line(source, node)
    )
    return next((line for line in lines if 0 < last < line), 0)


def runs_as_script(raw: bytes) -> bool:
    """Return True if a file has an `if __name__ == "__main__"` block.

    Raises:
        UnparsableError: The bytes are not Python.
    """
    source = parse_source(raw)
    return any(_guards_main(node) for node in source.tree.body)


def _path_moves(source: PythonSource) -> list[int]:
    """Lines of top-level statements that may change `sys.path`, by themselves or by a function of the file."""
    moving: set[str] = set()
    lines = []
    for node in source.tree.body:
        text = source.text(node)
        called = any(f"{name}(" in text and re.search(rf"\b{name}\(", text) for name in moving)
        moves = called or any(pattern.search(text) for pattern in _MOVES_PATH)
        if not moves or _guards_main(node):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            moving.add(node.name)  # a definition changes nothing yet
        else:
            lines.append(node.lineno)
    return lines


def _guards_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def _statements(source: PythonSource) -> list[ast.Import | ast.ImportFrom]:
    """All imports by line, without those for type checkers."""
    typed = {id(node) for block in _type_checking(source) for node in ast.walk(block)}
    found = source.nodes(source.tree)
    nodes = [*found.get(ast.Import, ()), *found.get(ast.ImportFrom, ())]
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    return sorted((node for node in imports if id(node) not in typed), key=lambda node: node.lineno)


def _type_checking(source: PythonSource) -> Iterator[ast.If]:
    if b"TYPE_CHECKING" not in source.data:
        return
    for node in source.nodes(source.tree).get(ast.If, ()):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield node


def _read(
    source: PythonSource,
    node: ast.Import | ast.ImportFrom,
    taken: Mapping[str, tuple[str, ...]],
    *,
    certain: bool,
    moved: bool,
) -> Iterator[Imported]:
    """The imports of one statement; `taken` are the attributes that the file takes of every name."""
    line = node.lineno if certain and begins_line(source, node) else 0
    if isinstance(node, ast.ImportFrom):
        module = tuple(node.module.split(".")) if node.module else ()
        names = tuple(one.name for one in node.names)
        yield Imported(node.level, module, names, certain, line, moved)
        return
    for one in node.names:
        used = taken.get((one.asname or one.name).split(".")[0], ())
        yield Imported(0, tuple(one.name.split(".")), used, certain, line, moved)


def _attributes(source: PythonSource) -> Mapping[str, tuple[str, ...]]:
    """Return the attributes that the file takes of every name that a plain `import` binds."""
    taken: dict[str, dict[str, None]] = {}
    for node in source.nodes(source.tree).get(ast.Import, ()):
        for one in node.names if isinstance(node, ast.Import) else ():
            taken[(one.asname or one.name).split(".")[0]] = {}
    for node in source.nodes(source.tree).get(ast.Attribute, ()) if taken else ():
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            taken.get(node.value.id, {})[node.attr] = None
    return {name: tuple(attributes) for name, attributes in taken.items()}
