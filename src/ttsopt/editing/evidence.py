"""Which lines of a patched file must be seen to run before an edit counts as exercised."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from ttsopt.domain.plan import Splice
from ttsopt.editing.compose import Placed, compose, place
from ttsopt.editing.scopes import Function
from ttsopt.editing.source import PythonSource, parse_source


@dataclass(frozen=True, slots=True)
class Evidence:
    """A splice, and the lines (1-based, inclusive) of the patched file of which one must run.

    `at_import`: they run when the module is imported, which says little of the code being used.
    """

    splice: Splice
    first: int
    last: int
    at_import: bool


def evidence(original: bytes, splices: Iterable[Splice]) -> tuple[Evidence, ...]:
    """For every splice the statements it wrote; for a new default the body of its function.

    A `def` line runs when its module is imported, which says nothing of the function being called.
    """
    placed = place(original, splices)
    composed = compose(original, (row.splice for row in placed))
    source = parse_source(composed)
    return tuple(_evidence(source, composed, row) for row in placed)


def _evidence(source: PythonSource, composed: bytes, row: Placed) -> Evidence:
    first, last = _lines_to_run(source, composed, row.start, row.end)
    functions = [node for node in ast.walk(source.tree) if isinstance(node, Function)]
    inside = any(node.body[0].lineno <= first and _covers(node, first, last) for node in functions)
    return Evidence(row.splice, first, last, at_import=not inside)


def _lines_to_run(source: PythonSource, composed: bytes, start: int, end: int) -> tuple[int, int]:
    text = composed[start:end]
    first = _line(composed, start + len(text) - len(text.lstrip()))
    last = _line(composed, max(start, end - 1 - (len(text) - len(text.rstrip()))))
    inside = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.stmt) and _covers(node, first, last)
    ]
    innermost = max(inside, key=lambda node: node.lineno, default=None)
    if isinstance(innermost, Function) and last < innermost.body[0].lineno:
        return innermost.body[0].lineno, innermost.end_lineno or last
    simple = innermost is not None and not hasattr(innermost, "body")
    return (
        (innermost.lineno, innermost.end_lineno or last) if simple and innermost else (first, last)
    )


def _covers(node: ast.stmt, first: int, last: int) -> bool:
    return node.lineno <= first and last <= (node.end_lineno or node.lineno)


def _line(composed: bytes, offset: int) -> int:
    return len(composed[: offset + 1].splitlines()) or 1
