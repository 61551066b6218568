"""Patterns: a piece of Python in which `$X` stands for one expression and `$$$X` for a run of arguments."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ttsopt.editing.source import PythonSource, parse_quietly

ONE = "__one_"
RUN = "__run_"
ANYTHING = "_"

# Positions and hints of the parser; two nodes that differ in these alone mean the same.
_MEANINGLESS = frozenset({"ctx", "type_comment", "kind"})
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


class PatternError(ValueError):
    """A pattern or a piece of inserted code that is not Python."""


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
    body = parse_statements(_with_placeholders(text))
    if len(body) != 1:
        raise PatternError(f"a pattern is one expression or one statement: {text!r}")
    return body[0].value if isinstance(body[0], ast.Expr) else body[0]


def parse_placeholders(text: str) -> list[ast.expr | ast.stmt]:
    """Read a replacement, one or several statements, with its placeholders as a pattern has them."""
    body = parse_statements(_with_placeholders(text))
    return [node.value if isinstance(node, ast.Expr) else node for node in body]


def parse_statements(text: str) -> list[ast.stmt]:
    """Read code that a patch puts in.

    Raises:
        PatternError: It is not Python.
    """
    try:
        return parse_quietly(textwrap.dedent(text).strip("\n")).body
    except (SyntaxError, ValueError) as error:
        raise PatternError(f"not Python: {text!r} ({error})") from error


def same(a: ast.AST, b: ast.AST) -> bool:
    """Whether two nodes mean the same: `'a'` equals `"a"`."""
    return match(a, b) is not None


def match(pattern: ast.AST, node: ast.AST, *, open_literals: bool = False) -> Bindings | None:
    """What the placeholders stand for where `node` matches, None where it does not.

    With `open_literals` any constant of the pattern matches any expression: that finds the near misses.
    """
    bound: dict[str, Binding] = {}
    return bound if _matches(pattern, node, bound, open_literals) else None


def find(
    source: PythonSource, scope: ast.AST, pattern: ast.expr | ast.stmt
) -> Iterator[tuple[ast.expr | ast.stmt, Bindings]]:
    """The places of `scope` that match, in the order of the source; the scope itself is not one."""
    kind = ast.stmt if isinstance(pattern, ast.stmt) else ast.expr
    nodes = [node for node in ast.walk(scope) if isinstance(node, kind) and node is not scope]
    for node in sorted(nodes, key=source.span):
        bound = match(pattern, node)
        if bound is not None:
            yield node, bound


def nearest(source: PythonSource, scope: ast.AST, pattern: ast.expr | ast.stmt) -> ast.stmt | None:
    """The first statement that would match were the pattern's literals left open."""
    kind = ast.stmt if isinstance(pattern, ast.stmt) else ast.expr
    if not any(isinstance(node, ast.Constant) for node in ast.walk(pattern)):
        return None
    nodes = [node for node in ast.walk(scope) if isinstance(node, kind)]
    for node in sorted(nodes, key=source.span):
        if match(pattern, node, open_literals=True) is not None:
            return source.statement(node)
    return None


def render(source: PythonSource, template: str, bound: Bindings) -> str:
    """A replacement with its placeholders filled from the source; what binds loosely is put in parentheses."""

    def fill(found: re.Match[str]) -> str:
        run, comma, one = found.groups()
        value = bound.get(run or one)
        if value is None:
            raise PatternError(f"{found.group()} of the replacement is not in the pattern")
        if isinstance(value, Run):
            return (
                ", ".join(source.text(item) for item in value.items) + comma if value.items else ""
            )
        text = source.text(value)
        loose = not is_atom(value) and template.strip() != found.group()
        number = isinstance(value, ast.Constant) and template[found.end() :].startswith(".")
        return f"({text})" if loose or number or not _on_its_own(text) else text

    return re.sub(r"\$\$\$([A-Z_]\w*)(\s*,\s*|)|\$([A-Z_]\w*)", fill, template)


def is_atom(node: ast.AST) -> bool:
    """Whether an expression keeps its meaning wherever it is put, without parentheses."""
    return isinstance(node, _ATOMS) and not (
        isinstance(node, ast.Constant) and not isinstance(node.value, str | bytes | int)
    )


def _on_its_own(text: str) -> bool:
    """Whether a piece of source needs no bracket around it to be one piece: its lines may have relied on one."""
    try:
        return len(parse_quietly(text).body) == 1
    except SyntaxError:
        return False


def _with_placeholders(text: str) -> str:
    runs = re.sub(r"\$\$\$([A-Z_]\w*)", rf"*{RUN}\1", text)
    return re.sub(r"\$([A-Z_]\w*)", rf"{ONE}\1", runs)


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
        fields = [name for name in pattern._fields if name not in _MEANINGLESS]
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
