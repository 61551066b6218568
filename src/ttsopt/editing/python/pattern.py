"""Patterns: a piece of Python in which `$X` stands for one expression and `$$$X` for a run of arguments."""

from __future__ import annotations

import ast
import copy
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ttsopt.editing.python.parsing import parse_quietly
from ttsopt.editing.python.placeholders import (
    ONE,
    RUN,
    as_written,
    fill_placeholders,
    with_placeholders,
)
from ttsopt.editing.python.source import PythonSource
from ttsopt.editing.unparsable import PatternError

ANYTHING = "_"

# Positions and hints of the parser; two nodes that differ in these alone mean the same.
MEANINGLESS = frozenset({"ctx", "type_comment", "kind"})
_ATOMS = (
    ast.Name,
    ast.Call,
    ast.Attribute,
    ast.Subscript,
    ast.Constant,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.JoinedStr,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
)
# What only stands in certain places, so that no placeholder can carry it elsewhere.
_BOUND_TO_PLACE = (ast.Starred, ast.Slice)


@dataclass(frozen=True, slots=True)
class Run:
    """The arguments that a `$$$X` took, in their order in the source."""

    items: tuple[ast.expr | ast.keyword, ...]


Binding = ast.expr | Run
Bindings = Mapping[str, Binding]


def parse_pattern(text: str) -> ast.expr | ast.stmt:
    """Read a pattern: one expression or one statement.

    Raises:
        PatternError: It is not Python, or more than one statement.
    """
    body = parse_statements(with_placeholders(text))
    if len(body) != 1:
        raise PatternError(f"a pattern is one expression or one statement: {text!r}")
    return body[0].value if isinstance(body[0], ast.Expr) else body[0]


def parse_placeholders(text: str) -> list[ast.expr | ast.stmt]:
    """Read a replacement, one or several statements, with its placeholders as a pattern has them.

    Raises:
        PatternError: It is not Python.
    """
    body = parse_statements(with_placeholders(text))
    return [node.value if isinstance(node, ast.Expr) else node for node in body]


def parse_statements(text: str) -> list[ast.stmt]:
    """Read code that a patch puts in.

    Raises:
        PatternError: It is not Python, or nothing but blanks and comments.
    """
    try:
        body = parse_quietly(textwrap.dedent(text).strip("\n")).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else error
        raise PatternError(f"not Python: {as_written(text)!r} ({reason})") from error
    if not body:
        raise PatternError(f"there is no code in it: {text!r}")
    return body


def same(a: ast.AST, b: ast.AST) -> bool:
    """Return True if two nodes mean the same: `'a'` equals `"a"`."""
    return match(a, b) is not None


def match(pattern: ast.AST, node: ast.AST, *, open_literals: bool = False) -> Bindings | None:
    """Return what the placeholders stand for where `node` matches, None where it does not.

    With `open_literals` any constant of the pattern matches any expression: that finds the near misses.
    """
    bound: dict[str, Binding] = {}
    return bound if _matches(pattern, node, bound, open_literals) else None


def loosened(pattern: ast.AST) -> ast.AST:
    """A copy of a pattern of which every call takes further arguments too."""
    loose = copy.deepcopy(pattern)
    for node in ast.walk(loose):
        if isinstance(node, ast.Call) and not any(map(_run_name, node.args)):
            node.args.append(ast.Starred(ast.Name(f"{RUN}{ANYTHING}", ast.Load()), ast.Load()))
    return loose


def find(
    source: PythonSource, scope: ast.AST, pattern: ast.expr | ast.stmt
) -> Iterator[tuple[ast.expr | ast.stmt, Bindings]]:
    """The places of `scope` that match, in the order of the source; the scope itself is not one."""
    there = ((node, match(pattern, node)) for node in nodes_like(source, scope, pattern))
    places = [(node, bound) for node, bound in there if bound is not None and node is not scope]
    yield from sorted(places, key=lambda place: source.span(place[0]))


def nodes_like(
    source: PythonSource,
    scope: ast.AST,
    pattern: ast.expr | ast.stmt,
    *,
    open_literals: bool = False,
) -> list[ast.expr | ast.stmt]:
    """The nodes of `scope` of a type that can match, in no order."""
    kind: type[ast.AST] = type(pattern)
    one = isinstance(pattern, ast.Name) and pattern.id.startswith(ONE)
    if one or (open_literals and isinstance(pattern, ast.Constant)):
        kind = ast.expr
    by_type = source.nodes(scope)
    return [
        node
        for type_, found in by_type.items()
        if issubclass(type_, kind)
        for node in found
        if isinstance(node, ast.expr | ast.stmt)
    ]


def render(
    template: str,
    bound: Bindings,
    text_of: Callable[[ast.expr | ast.keyword], str],
) -> str:
    """A replacement with its placeholders filled from the source; what binds loosely is put in parentheses.

    `text_of` gives the text of what a placeholder took. A `$X` in a string or a comment is none.

    Raises:
        PatternError: It has a placeholder that is not in the pattern.
    """

    def fill(found: re.Match[str]) -> str:
        value = bound.get(found["run"] or found["one"])
        if value is None:
            raise PatternError(f"{found.group()} of the replacement is not in the pattern")
        if isinstance(value, Run):
            comma = found["comma"] or ""
            return ", ".join(text_of(item) for item in value.items) + comma if value.items else ""
        text = text_of(value)
        alone = template.strip() == found.group()
        before_dot = template[found.end() :].startswith(".")
        return text if alone and on_its_own(text) else _as_part(text, before_dot=before_dot)

    return fill_placeholders(fill, template)


def _as_part(text: str, *, before_dot: bool) -> str:
    """An expression's text as it may stand in a larger one."""
    value = parse_quietly(f"({text}\n)").body[0]
    assert isinstance(value, ast.Expr)
    in_parentheses = value.value.col_offset > 1
    loose = not (is_atom(value.value) or in_parentheses) or not on_its_own(text)
    number = before_dot and isinstance(value.value, ast.Constant)
    return f"({text})" if loose or number else text


def is_atom(node: ast.AST) -> bool:
    """Return True if an expression keeps its meaning wherever it is put, without parentheses."""
    return isinstance(node, _ATOMS) and not (
        isinstance(node, ast.Constant) and not isinstance(node.value, str | bytes | int)
    )


def on_its_own(text: str) -> bool:
    """True if a piece of source needs no bracket around it to be one piece: its lines may have relied on one."""
    try:
        return len(parse_quietly(text).body) == 1
    except SyntaxError:
        return False


def _matches(pattern: object, node: object, bound: dict[str, Binding], open_literals: bool) -> bool:
    if isinstance(pattern, ast.Name) and pattern.id.startswith(ONE):
        return (
            isinstance(node, ast.expr)
            and not isinstance(node, _BOUND_TO_PLACE)
            and _bind(pattern.id.removeprefix(ONE), node, bound)
        )
    if open_literals and isinstance(pattern, ast.Constant):
        return isinstance(node, ast.expr)
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.Call) and isinstance(node, ast.Call):
        return _matches(pattern.func, node.func, bound, open_literals) and _match_arguments(
            pattern, node, bound, open_literals
        )
    if isinstance(pattern, ast.AST):
        fields = [name for name in pattern._fields if name not in MEANINGLESS]
        return all(
            _matches(getattr(pattern, name, None), getattr(node, name, None), bound, open_literals)
            for name in fields
        )
    if isinstance(pattern, list) and isinstance(node, list):
        return len(pattern) == len(node) and all(
            _matches(a, b, bound, open_literals) for a, b in zip(pattern, node, strict=True)
        )
    return pattern == node


def _bind(name: str, node: ast.expr, bound: dict[str, Binding]) -> bool:
    if name == ANYTHING:
        return True
    known = bound.setdefault(name, node)
    return known is node or (isinstance(known, ast.expr) and same(known, node))


def _match_arguments(
    pattern: ast.Call, node: ast.Call, bound: dict[str, Binding], open_literals: bool
) -> bool:
    """Arguments by position, then keywords by name in any order; a `$$$X` at the end takes the rest."""
    wanted = list(pattern.args)
    run = wanted.pop() if wanted and _run_name(wanted[-1]) else None
    if len(wanted) > len(node.args) or (run is None and len(wanted) != len(node.args)):
        return False
    left = {keyword.arg: keyword for keyword in node.keywords if keyword.arg}
    spread = [keyword for keyword in node.keywords if not keyword.arg]
    pairs: list[tuple[ast.expr, ast.expr]] = list(zip(wanted, node.args, strict=False))
    for keyword in pattern.keywords:
        if keyword.arg not in left and (keyword.arg or not spread):
            return False
        taken = left.pop(keyword.arg) if keyword.arg else spread.pop(0)
        pairs.append((keyword.value, taken.value))
    if run is None and (left or spread):
        return False
    if not all(_matches(a, b, bound, open_literals) for a, b in pairs):
        return False
    if run is not None:
        kept = [keyword for keyword in node.keywords if keyword in spread or keyword.arg in left]
        bound[_run_name(run)] = Run((*node.args[len(wanted) :], *kept))
    return True


def _run_name(node: ast.expr) -> str:
    if (
        isinstance(node, ast.Starred)
        and isinstance(node.value, ast.Name)
        and node.value.id.startswith(RUN)
    ):
        return node.value.id.removeprefix(RUN)
    return ""
