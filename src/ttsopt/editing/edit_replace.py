"""The edit that puts something else in the place of every node that matches a pattern."""

from __future__ import annotations

import ast
import re

from ttsopt.domain.patch import Replace
from ttsopt.editing.found import Draft, Found, Wrong
from ttsopt.editing.layout import alone, is_elif, lay_out, whole_span
from ttsopt.editing.pattern import (
    Bindings,
    PatternError,
    find,
    is_atom,
    match,
    nearest,
    parse_pattern,
    parse_placeholders,
    render,
    same,
)
from ttsopt.editing.scopes import scopes
from ttsopt.editing.source import PythonSource, parse_quietly


def replace(source: PythonSource, edit: Replace) -> Found:
    """Every place that matches, but for those that this edit made (its text may hold the pattern again)."""
    found = Found()
    pattern = parse_pattern(edit.pattern)
    for scope in scopes(source.tree, edit.scope):
        done = _already(source, scope, edit)
        inside = (
            {id(child) for node in done for child in ast.walk(node)}
            if _holds(edit, pattern)
            else set()
        )
        places = [
            (node, bound) for node, bound in find(source, scope, pattern) if id(node) not in inside
        ]
        for node, bound in places:
            found.merge(_draft(source, edit, node, bound))
        found.already += [node.lineno for node in done]
        if not places and not done and (near := nearest(source, scope, pattern)):
            reason = f"looked for {edit.pattern}"
            found.wrong.append(Wrong(near.lineno, reason, source.line(near.lineno).strip()))
    return found


def _draft(
    source: PythonSource, edit: Replace, node: ast.expr | ast.stmt, bound: Bindings
) -> Found:
    statement, line = source.statement(node), node.lineno
    # Laid out first: what the placeholders stand for is put in as it is, strings over several lines too.
    template = lay_out(source, edit.replacement, source.indentation(statement)).decode().strip()
    text = render(source, template, bound)
    if isinstance(node, ast.stmt):
        reason = _cannot_replace_statement(source, node, template)
        span = whole_span(source, node)
    else:
        reason = _cannot_replace_expression(source, node, text)
        span = source.span(node)
        text = text if reason else _fit_in(source, node, text)
    if reason:
        return Found(wrong=[Wrong(line, reason, source.line(line).strip())])
    return Found(drafts=[Draft(*span, text.encode(), line)])


def _cannot_replace_statement(source: PythonSource, statement: ast.stmt, template: str) -> str:
    if is_elif(source, statement):
        return "the statement is an elif"
    several_lines = "\n" in template and not alone(source, statement)
    return "the statement shares its line with another" if several_lines else ""


def _cannot_replace_expression(source: PythonSource, node: ast.expr, text: str) -> str:
    if not _stands_for_itself(source, node):
        return "the expression is inside an f-string"
    try:
        value = parse_pattern(text)
    except PatternError as error:
        return f"what is there does not fit into the replacement: {error}"
    if not isinstance(value, ast.expr):
        return "a statement cannot stand for an expression"
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
    needs_parentheses = loose or touches or number or borrowed or bare
    return f"({text})" if needs_parentheses else text


def _stands_for_itself(source: PythonSource, node: ast.expr) -> bool:
    """Whether the bytes at a node's position are that node.

    Inside an f-string, Python before 3.12 gives wrong positions.
    """
    try:
        parsed = parse_quietly(f"({source.text(node)}\n)").body
    except (SyntaxError, ValueError):
        return False
    return len(parsed) == 1 and isinstance(parsed[0], ast.Expr) and same(node, parsed[0].value)


def _already(source: PythonSource, scope: ast.AST, edit: Replace) -> list[ast.expr | ast.stmt]:
    """Places that look as if this edit had been made."""
    wanted = parse_placeholders(edit.replacement)
    if not wanted or match(wanted[0], ast.Name("anything")) is not None:
        return []
    first = [node for node, _ in find(source, scope, wanted[0])]
    rest_is_there = all(any(True for _ in find(source, scope, other)) for other in wanted[1:])
    return first if rest_is_there else []


def _holds(edit: Replace, pattern: ast.expr | ast.stmt) -> bool:
    """Whether the replacement holds the pattern, as in wrapping a call."""
    return any(
        match(pattern, node) is not None
        for part in parse_placeholders(edit.replacement)
        for node in ast.walk(part)
    )
