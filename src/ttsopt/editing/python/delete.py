"""The edit that takes statements out: their lines, or their part of a line that holds others."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ttsopt.domain.edits import Delete
from ttsopt.editing.python.elsewhere import sought_pattern
from ttsopt.editing.python.found import Draft, Found, Wrong
from ttsopt.editing.python.layout import (
    begins_line,
    is_elif,
    line_after,
    line_before,
    shares_line,
    whole_span,
)
from ttsopt.editing.python.nearest import near_miss, nearest_candidate
from ttsopt.editing.python.operation import Operation, check_pattern
from ttsopt.editing.python.pattern import find, parse_pattern
from ttsopt.editing.python.scopes import scopes
from ttsopt.editing.python.source import PythonSource

Block = list[ast.stmt]


def delete(source: PythonSource, edit: Delete) -> Found:
    """Every statement that matches; a call or another expression where it is a statement of its own."""
    found = Found()
    pattern = parse_pattern(edit.pattern)
    for scope in scopes(source.tree, edit.scope):
        places = list(_statements(source, scope, pattern))
        found.nodes += places
        for statement in places:
            if is_elif(source, statement):
                line = source.line(statement.lineno).strip()
                reason = "the statement is an elif, which no `pass` can stand for"
                found.wrong.append(Wrong(statement.lineno, reason, line))
            else:
                found.deleted.append(statement)
        if not places and (near := near_miss(source, scope, pattern, edit.pattern)):
            found.wrong.append(near)
    return found


def removed(source: PythonSource, deleted: Sequence[ast.stmt]) -> Iterator[Draft]:
    """Return drafts that take out all statements that the edits of one patch delete, and leave no block empty."""
    gone = {id(node) for node in deleted}
    outer = [node for node in deleted if not any(id(a) in gone for a in source.ancestors(node))]
    blocks = {id(block): block for block in (source.block(node) for node in outer)}
    for block in blocks.values():
        yield from _emptied(source, block, {id(node) for node in outer})


def _statements(
    source: PythonSource, scope: ast.AST, pattern: ast.expr | ast.stmt
) -> Iterator[ast.stmt]:
    for node, _ in find(source, scope, pattern):
        if isinstance(node, ast.stmt):
            yield node
        elif isinstance(parent := source.parents[node], ast.Expr):
            yield parent


def _emptied(source: PythonSource, block: Block, gone: set[int]) -> Iterator[Draft]:
    lines = list(_lines(source, block))
    if all(id(node) in gone for node in block) and block is not source.tree.body:
        first, *rest = lines
        yield _pass_for(source, first)
        lines = rest
    for line in lines:
        yield from _shortened(source, line, gone)


def _lines(source: PythonSource, block: Block) -> Iterator[Block]:
    """The statements of a block by the line that they share."""
    line: Block = []
    for node in block:
        if line and not shares_line(source, line[-1], node):
            yield line
            line = []
        line.append(node)
    yield line


def _pass_for(source: PythonSource, line: Block) -> Draft:
    start, end = whole_span(source, line[0])[0], source.span(line[-1])[1]
    if begins_line(source, line[0]):
        behind = source.data[end : line_after(source, line[-1])]
        end += len(behind.rstrip(b"\r\n"))
    return Draft(start, end, b"pass", line[0].lineno)


def _shortened(source: PythonSource, line: Block, gone: set[int]) -> Iterator[Draft]:
    if all(id(node) in gone for node in line):
        start, end = line_before(source, line[0]), line_after(source, line[-1])
        yield Draft(start, end, b"", line[0].lineno)
        return
    kept_end = 0
    for index, node in enumerate(line):
        if id(node) not in gone:
            kept_end = source.span(node)[1]
            continue
        start, end = source.span(node)
        behind = line[index + 1 :]
        if any(id(other) not in gone for other in behind):
            yield Draft(start, source.span(behind[0])[0], b"", node.lineno)
        else:
            yield Draft(kept_end, source.span(line[-1])[1], b"", node.lineno)
            return


DELETE = Operation(
    Delete,
    look=delete,
    check=lambda edit: check_pattern("delete", edit.pattern),
    nearest=lambda source, edit: nearest_candidate(source, edit.scope, edit.pattern),
    sought=lambda edit: sought_pattern(edit.scope, edit.pattern),
)
