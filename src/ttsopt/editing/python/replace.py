"""The edit that puts something else in the place of every node that matches a pattern."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ttsopt.domain.edits import Replace
from ttsopt.editing.checking import WrongCode, told
from ttsopt.editing.python.elsewhere import sought_pattern
from ttsopt.editing.python.found import Draft, Found, Wrong
from ttsopt.editing.python.layout import (
    alone,
    ends_in_comment,
    is_elif,
    lay_out,
    whole_span,
)
from ttsopt.editing.python.nearest import near_miss, nearest_candidate
from ttsopt.editing.python.operation import Operation, check_pattern, check_patterns
from ttsopt.editing.python.parsing import parse_quietly
from ttsopt.editing.python.pattern import (
    Bindings,
    Run,
    find,
    is_atom,
    match,
    parse_pattern,
    parse_placeholders,
    render,
    same,
)
from ttsopt.editing.python.placeholders import placeholders_in
from ttsopt.editing.python.scopes import scopes
from ttsopt.editing.python.source import PythonSource
from ttsopt.editing.python.spared import lies_in, stands_behind
from ttsopt.editing.unparsable import PatternError

Node = ast.expr | ast.stmt
Place = tuple[Node, Bindings]


@dataclass(frozen=True, slots=True)
class _Places:
    """The nodes to be replaced, by their id, with what their placeholders stand for; and what is in the way."""

    source: PythonSource
    edit: Replace
    bound: dict[int, Bindings]
    wrong: list[Wrong] = field(default_factory=list)


def replace(source: PythonSource, edit: Replace) -> Found:
    """Every place that matches, but for those that this edit made (its text may hold the pattern again)."""
    found = Found()
    pattern = parse_pattern(edit.pattern)
    for scope in scopes(source.tree, edit.scope):
        done, own = _already(source, scope, edit, pattern)
        others = [place for place in find(source, scope, pattern) if id(place[0]) not in own]
        as_wanted = [node for node, _ in others if lies_in(source, node, edit.spare)]
        done += as_wanted
        places = [place for place in others if _is_place(source, edit, place[0], as_wanted)]
        found.already += [node.lineno for node in done]
        found.nodes += [node for node, _ in places]
        if places:
            found.merge(_drafts(source, edit, places))
        elif not done and not others and (near := near_miss(source, scope, pattern, edit.pattern)):
            found.wrong.append(near)
    return found


def _is_place(source: PythonSource, edit: Replace, node: Node, as_wanted: Sequence[Node]) -> bool:
    spared = any(node is one for one in as_wanted)
    return not spared and not stands_behind(source, node, edit.spare_after)


def _drafts(source: PythonSource, edit: Replace, places: Sequence[Place]) -> Found:
    """A draft for every place that lies in no other; one that does is written within the outer one's text."""
    rows = _Places(source, edit, {id(node): bound for node, bound in places})
    found = Found(wrong=rows.wrong)
    for node, bound in places:
        above = next((a for a in source.ancestors(node) if id(a) in rows.bound), None)
        if above is None:
            text = _written(rows, node, bound).encode()
            ends = whole_span(source, node) if isinstance(node, ast.stmt) else source.span(node)
            found.drafts.append(Draft(*ends, text, node.lineno))
        elif id(node) not in _taken(rows.bound[id(above)]):
            line = source.line(node.lineno).strip()
            reason = "two places overlap: neither can be replaced without the other"
            found.wrong.append(Wrong(node.lineno, reason, line))
        else:
            # Written already, but a place of its own where places are counted.
            found.inner.append(node.lineno)
    return found


def _written(rows: _Places, node: Node, bound: Bindings) -> str:
    """Return what stands for one place; why nothing can goes to `rows.wrong`."""
    source, edit = rows.source, rows.edit
    statement = source.statement(node)
    # Laid out first: what the placeholders stand for is put in as it is, strings over several lines too.
    template = lay_out(source, edit.replacement, source.indentation(statement)).decode().strip()
    text = render(template, bound, partial(_text, rows))
    if isinstance(node, ast.stmt):
        reason = _cannot_replace_statement(source, node, edit.replacement)
    else:
        reason = _cannot_replace_expression(source, node, text)
        text = text if reason else _fit_in(source, node, text)
    if reason:
        line = source.line(node.lineno).strip()
        rows.wrong.append(Wrong(node.lineno, reason, line))
    return text


def _text(rows: _Places, node: ast.expr | ast.keyword) -> str:
    """The source of a node with the places in it replaced."""
    source = rows.source
    start, end = source.span(node)
    parts: list[str] = []
    for inner in sorted(_outermost(node, rows.bound), key=source.span):
        ends = source.span(inner)
        parts += [
            source.data[start : ends[0]].decode(),
            _written(rows, inner, rows.bound[id(inner)]),
        ]
        start = ends[1]
    return "".join([*parts, source.data[start:end].decode()])


def _outermost(node: ast.AST, bound: Mapping[int, Bindings]) -> Iterator[ast.expr]:
    if id(node) in bound and isinstance(node, ast.expr):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _outermost(child, bound)


def _taken(bound: Bindings) -> set[int]:
    """All nodes that the placeholders of a place stand for."""
    values = [
        node
        for value in bound.values()
        for node in (value.items if isinstance(value, Run) else [value])
    ]
    return {id(node) for value in values for node in ast.walk(value)}


def _cannot_replace_statement(source: PythonSource, statement: ast.stmt, template: str) -> str:
    if is_elif(source, statement):
        return "the statement is an elif"
    needs_lines = (
        "\n" in template.strip()
        or ends_in_comment(template)
        or any(hasattr(node, "body") for node in parse_placeholders(template))
    )
    shared = needs_lines and not alone(source, statement)
    return "the statement shares its line with another" if shared else ""


def _cannot_replace_expression(source: PythonSource, node: ast.expr, text: str) -> str:
    if not _stands_for_itself(source, node):
        return "the expression is inside an f-string"
    try:
        value = parse_pattern(text)
    except PatternError as error:
        return f"what is there does not fit into the replacement: {error}"
    if not isinstance(value, ast.expr):
        return "a statement cannot stand for an expression"
    if ends_in_comment(text):
        return "the replacement ends in a comment, which would take in the rest of the line"
    # Python before 3.12 takes neither in an f-string that is quoted alike.
    quotes = {"'", '"', "\\"} & set(text) - set(source.text(node))
    inside = any(isinstance(above, ast.JoinedStr) for above in source.ancestors(node))
    return "the expression is inside an f-string, with other quotes" if quotes and inside else ""


def _fit_in(source: PythonSource, node: ast.expr, text: str) -> str:
    """A new expression in parentheses where its place asks for them."""
    value = parse_pattern(text)
    start, end = source.span(node)
    # `return-1`, `x if"a"else y`: a name there would melt into the keyword.
    touches = re.search(rb"\w", source.data[start - 1 : start] + source.data[end : end + 1])
    parent = source.parents[node]
    loose = not is_atom(value) and not isinstance(parent, ast.stmt | ast.keyword)
    number = isinstance(value, ast.Constant) and isinstance(parent, ast.Attribute)
    # The parentheses of a call may be those of the generator that is its only argument.
    borrowed = isinstance(node, ast.GeneratorExp)
    bare = isinstance(value, ast.Tuple | ast.NamedExpr | ast.Yield | ast.YieldFrom)
    # In an f-string, two of them stand for the sign itself.
    brace = text.startswith("{") and source.data[start - 1 : start] == b"{"
    needs_parentheses = loose or touches or number or borrowed or bare or brace
    return f"({text})" if needs_parentheses else text


def _stands_for_itself(source: PythonSource, node: ast.expr) -> bool:
    """Return True if the bytes at a node's position are that node.

    Inside an f-string, Python before 3.12 gives wrong positions.
    """
    try:
        parsed = parse_quietly(f"({source.text(node)}\n)").body
    except (SyntaxError, ValueError):
        return False
    return len(parsed) == 1 and isinstance(parsed[0], ast.Expr) and same(node, parsed[0].value)


def _already(
    source: PythonSource, scope: ast.AST, edit: Replace, pattern: Node
) -> tuple[list[Node], set[int]]:
    """Return places that look as if this edit had been made, and the ids of all nodes that are its own text."""
    own: set[int] = set()
    wanted = parse_placeholders(edit.replacement)
    if not wanted or match(wanted[0], ast.Name("anything")) is not None:
        return [], own
    first = list(find(source, scope, wanted[0]))
    if not all(any(True for _ in find(source, scope, other)) for other in wanted[1:]):
        return [], own
    if _holds(edit, pattern):
        for node, bound in first:
            own |= {id(child) for child in ast.walk(node)} - _taken(bound)
    return [node for node, _ in first], own


def _holds(edit: Replace, pattern: Node) -> bool:
    """Return True if the replacement holds the pattern, as in wrapping a call."""
    return any(
        match(pattern, node) is not None
        for part in parse_placeholders(edit.replacement)
        for node in ast.walk(part)
    )


def _check(edit: Replace) -> WrongCode:
    yield from check_pattern("replace", edit.pattern)
    if not edit.replacement.strip():
        yield "with", "it is empty: `delete` takes code out"
    else:
        yield from told("with", parse_placeholders, edit.replacement)
    yield from check_patterns("spare", edit.spare)
    yield from check_patterns("spare_after", edit.spare_after)
    known = {found.lstrip("$") for found in placeholders_in(edit.pattern)} - {"_"}
    for found in placeholders_in(edit.replacement):
        if found.lstrip("$") not in known:
            yield "with", f"{found} does not stand in the pattern"


REPLACE = Operation(
    Replace,
    look=replace,
    check=_check,
    nearest=lambda source, edit: nearest_candidate(source, edit.scope, edit.pattern),
    sought=lambda edit: sought_pattern(edit.scope, edit.pattern),
)
