"""Which lines of a patched file must be seen to run before an edit counts as exercised."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ttsopt.domain.plan import Splice
from ttsopt.editing.compose import Placed, compose, place
from ttsopt.editing.python.layout import whole_span
from ttsopt.editing.python.scopes import Definition, Function
from ttsopt.editing.python.source import PythonSource, parse_source
from ttsopt.editing.unparsable import UnparsableError


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
    """For every splice the statements it wrote; for a new default or a decorator the body of its function.

    A `def` line runs when its module is imported, which says nothing of the function being called. Where
    statements were taken out, the one that now follows in their block must run, else the one before them.

    Raises:
        UnparsableError: The patched file is not Python.
    """
    placed = place(original, splices)
    composed = compose(original, (row.splice for row in placed))
    source = parse_source(composed)
    beside = _Beside(original, placed)
    return tuple(_evidence(source, composed, beside.moved(row)) for row in placed)


@dataclass(frozen=True, slots=True)
class _Beside:
    """Finds what stands in the patched file beside statements that were taken out of it."""

    original: bytes
    placed: Sequence[Placed]

    def moved(self, row: Placed) -> Placed:
        """The place itself where there is text; where there is none, that of the statement beside it."""
        neighbour = None if row.splice.inserted else self._neighbour(row.splice)
        if neighbour is None:
            return row
        start = self._in_composed(neighbour)
        return Placed(row.splice, start, start)

    def _neighbour(self, gone: Splice) -> int | None:
        """Where in the original the statement begins that follows the deleted ones, else that comes before."""
        try:
            source = parse_source(self.original)
        except UnparsableError:
            # A user's own patch file may mend a file that was no Python before.
            return None
        for node in ast.walk(source.tree):
            if isinstance(node, ast.stmt) and self._is_gone(source, node, gone):
                block = source.block(node)
                kept = [other for other in block if not self._is_gone_at_all(source, other)]
                behind = [other for other in kept if other.lineno >= node.lineno]
                beside = next(iter(behind), kept[-1] if kept else None)
                return None if beside is None else source.raw_offset(source.span(beside)[0])
        return None

    def _is_gone(self, source: PythonSource, node: ast.stmt, splice: Splice) -> bool:
        start, end = (source.raw_offset(offset) for offset in source.span(node))
        return splice.start <= start and end <= splice.end

    def _is_gone_at_all(self, source: PythonSource, node: ast.stmt) -> bool:
        rows = (row.splice for row in self.placed if not row.splice.inserted)
        return any(self._is_gone(source, node, splice) for splice in rows)

    def _in_composed(self, offset: int) -> int:
        before = [row for row in self.placed if row.splice.end <= offset]
        shift = sum(len(row.splice.inserted) - len(row.splice.removed) for row in before)
        return offset + shift


def _evidence(source: PythonSource, composed: bytes, row: Placed) -> Evidence:
    first, last = _lines_to_run(source, composed, row.start, row.end)
    functions = [node for node in ast.walk(source.tree) if isinstance(node, Function)]
    inside = any(node.body[0].lineno <= first and _covers(node, first, last) for node in functions)
    return Evidence(row.splice, first, last, at_import=not inside)


def _lines_to_run(source: PythonSource, composed: bytes, start: int, end: int) -> tuple[int, int]:
    text = composed[start:end]
    first = _line(composed, start + len(text) - len(text.lstrip()))
    last = _line(composed, max(start, end - 1 - (len(text) - len(text.rstrip()))))
    if start == end and any(_begins(node, first) for node in ast.walk(source.tree)):
        return first, first
    if below := _decorated(source, first, last):
        return below.body[0].lineno, below.end_lineno or last
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


def _begins(node: ast.AST, line: int) -> bool:
    return isinstance(node, Definition) and node.lineno == line


def _decorated(source: PythonSource, first: int, last: int) -> Function | None:
    """The function of which those lines are decorators."""
    for node in ast.walk(source.tree):
        if isinstance(node, Function) and node.decorator_list:
            top = source.line_at(whole_span(source, node)[0])
            if top <= first and last < node.lineno:
                return node
    return None


def _covers(node: ast.stmt, first: int, last: int) -> bool:
    return node.lineno <= first and last <= (node.end_lineno or node.lineno)


def _line(composed: bytes, offset: int) -> int:
    return len(composed[: offset + 1].splitlines()) or 1
