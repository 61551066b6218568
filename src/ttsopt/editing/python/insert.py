"""Edits that add statements: beside a statement that is found, or an import at the top."""

from __future__ import annotations

import ast
import re

from ttsopt.domain.edits import EnsureImport, Insert
from ttsopt.editing.checking import WrongCode, told
from ttsopt.editing.python.elsewhere import Sought
from ttsopt.editing.python.found import Draft, Found, Order, Wrong
from ttsopt.editing.python.layout import (
    added_lines,
    alone,
    begins_line,
    is_elif,
    lay_out,
    line_after,
    line_before,
)
from ttsopt.editing.python.nearest import near_miss, nearest_candidate
from ttsopt.editing.python.operation import Operation, check_patterns
from ttsopt.editing.python.pattern import (
    find,
    nodes_like,
    parse_pattern,
    parse_statements,
    same,
)
from ttsopt.editing.python.scopes import scopes
from ttsopt.editing.python.source import PythonSource
from ttsopt.editing.unparsable import PatternError

Import = ast.Import | ast.ImportFrom

_END = rb"(?:\r\n?|\n|\Z)"
_SHEBANG = re.compile(rb"#![^\r\n]*" + _END)
_COOKIE = re.compile(
    rb"(?:[ \t\f]*(?:#[^\r\n]*)?" + _END + rb")?[ \t\f]*#[^\r\n]*coding[:=][^\r\n]*" + _END
)


def insert(source: PythonSource, edit: Insert) -> Found:
    """Once in every scope, beside the first anchor that is there; not where all statements already are."""
    found = Found()
    for scope in scopes(source.tree, edit.scope):
        line = _line_of_all(source, scope, parse_statements(edit.code))
        if line:
            found.already.append(line)
            continue
        anchor = _anchor(source, scope, edit)
        if anchor is not None:
            found.merge(_insert_at(source, edit, anchor))
        elif near := _near_miss(source, scope, edit):
            found.wrong.append(near)
    return found


def ensure_import(source: PythonSource, edit: EnsureImport) -> Found:
    """Before the first import of the module, or that of a line, unless one of its imports gives the same names.

    Raises:
        PatternError: The patch's statement is no import.
    """
    wanted, *more = parse_statements(edit.statement)
    if more or not _imports(wanted):
        raise PatternError(f"not an import: {edit.statement!r}")
    for node in source.tree.body:
        if _provides(node, wanted):
            return Found(already=[node.lineno])
    offset = _offset_at(source, edit.line) if edit.line else _import_offset(source)
    code = added_lines(source, offset, lay_out(source, edit.statement, b""))
    draft = Draft(offset, offset, code, source.line_at(offset), Order.IMPORT)
    return Found(drafts=[draft])


def _line_of_all(source: PythonSource, scope: ast.AST, wanted: list[ast.stmt]) -> int:
    lines = [
        next((node.lineno for node in nodes_like(source, scope, one) if same(one, node)), 0)
        for one in wanted
    ]
    return lines[0] if all(lines) else 0


def _anchor(source: PythonSource, scope: ast.AST, edit: Insert) -> ast.stmt | None:
    for text in edit.anchors:
        places = [source.statement(node) for node, _ in find(source, scope, parse_pattern(text))]
        if places:
            return places[0] if edit.pick == "first" else places[-1]
    return None


def _near_miss(source: PythonSource, scope: ast.AST, edit: Insert) -> Wrong | None:
    near = (near_miss(source, scope, parse_pattern(text), text) for text in edit.anchors)
    return next((wrong for wrong in near if wrong is not None), None)


def _insert_at(source: PythonSource, edit: Insert, anchor: ast.stmt) -> Found:
    if is_elif(source, anchor) or not alone(source, anchor):
        what = "is an elif" if is_elif(source, anchor) else "shares its line with another"
        line = source.line(anchor.lineno).strip()
        reason = f"the statement to insert beside {what}"
        return Found(wrong=[Wrong(anchor.lineno, reason, line)])
    offset = (line_before if edit.place == "before" else line_after)(source, anchor)
    code = lay_out(source, edit.code, source.indentation(anchor))
    return Found(drafts=[Draft(offset, offset, added_lines(source, offset, code), anchor.lineno)])


def _imports(node: ast.stmt) -> bool:
    """Return True for an import, and for an `if` that imports one way or the other."""
    if isinstance(node, ast.If):
        return all(isinstance(one, Import) for one in [*node.body, *node.orelse])
    return isinstance(node, Import)


def _provides(node: ast.stmt, wanted: ast.stmt) -> bool:
    if not isinstance(node, Import) or not isinstance(wanted, Import):
        return same(wanted, node)
    if isinstance(node, ast.ImportFrom) and isinstance(wanted, ast.ImportFrom):
        if (node.module, node.level) != (wanted.module, wanted.level):
            return False
    elif type(node) is not type(wanted):
        return False
    there = {(alias.name, alias.asname) for alias in node.names}
    return {(alias.name, alias.asname) for alias in wanted.names} <= there


def _offset_at(source: PythonSource, line: int) -> int:
    return next(line_before(source, node) for node in source.tree.body if node.lineno == line)


def _import_offset(source: PythonSource) -> int:
    """Before the first import where nothing but the docstring is above it, else behind the docstring.

    Never before a `__future__` import.

    Nor before the lines that only mean something at the very top: `#!` and the coding cookie (PEP 263).
    """
    special = _COOKIE.match(source.data) or _SHEBANG.match(source.data)
    head = special.end() if special else 0
    for position, node in enumerate(source.tree.body):
        if _is_docstring(position, node) or (
            isinstance(node, ast.ImportFrom) and node.module == "__future__"
        ):
            head = line_after(source, node)
        else:
            # What stands above a later import may use what this one gives.
            first = isinstance(node, Import) and begins_line(source, node)
            return line_before(source, node) if first else head
    return head


def _is_docstring(position: int, node: ast.stmt) -> bool:
    return (
        position == 0
        and isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _check_insert(edit: Insert) -> WrongCode:
    if not edit.code.strip():
        yield "insert", "it is empty"
    else:
        yield from told("insert", parse_statements, edit.code)
    yield from check_patterns(edit.place, edit.anchors)


def _check_import(edit: EnsureImport) -> WrongCode:
    try:
        kinds = [type(node) for node in parse_statements(edit.statement)]
    except PatternError as error:
        yield "ensure_import", str(error)
        return
    if kinds not in ([ast.Import], [ast.ImportFrom]):
        yield "ensure_import", f"expected one import statement, got {edit.statement!r}"


INSERT = Operation(
    Insert,
    look=insert,
    check=_check_insert,
    nearest=lambda source, edit: nearest_candidate(source, edit.scope, edit.anchors[0]),
    sought=lambda edit: (Sought(edit.scope, anchor) for anchor in edit.anchors),
    adds_lines=True,
)
ENSURE_IMPORT = Operation(EnsureImport, look=ensure_import, check=_check_import)
