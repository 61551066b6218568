"""Where a statement goes that must run once before all places that use what it sets."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ttsopt.editing.python.bindings import Reads, rebound, used_otherwise
from ttsopt.editing.python.found import Draft, Found, Wrong
from ttsopt.editing.python.layout import begins_line, is_elif, lay_out, line_before, shares_line
from ttsopt.editing.python.pattern import (
    Bindings,
    find,
    parse_pattern,
    parse_placeholders,
    render,
    same,
)
from ttsopt.editing.python.scopes import Definition, Function
from ttsopt.editing.python.source import PythonSource
from ttsopt.editing.unparsable import PatternError

Node = ast.expr | ast.stmt
Place = tuple[Node, Bindings]


@dataclass(frozen=True, slots=True)
class Hoist:
    """An assignment to be hoisted: its text, its target (`name` or `self.name`), and what it reads."""

    text: str
    statement: ast.Assign | ast.AnnAssign
    target: ast.Name | ast.Attribute


def hoisted(source: PythonSource, text: str, scope: ast.AST) -> list[ast.stmt]:
    """The statements that are what a patch hoists, and whose name the scope sees."""
    seen = [scope, *source.ancestors(scope)]
    return [
        node
        for node, _ in find(source, source.tree, parse_placeholders(text)[0])
        if isinstance(node, ast.Assign | ast.AnnAssign)
        if isinstance(_target(node), ast.Attribute)
        or _owner(source, node) in seen
        or scope in source.ancestors(node)
    ]


def hoist(
    source: PythonSource, text: str, places: Sequence[Place], there: Sequence[ast.stmt]
) -> Found:
    """The statement before the first place, in the nearest block that runs before all of them.

    Nothing where one of those that are `there` runs before all places already.

    Raises:
        PatternError: The text is not one assignment to `name` or `self.name`.
    """
    texts = [render(text, bound, source.text) for _, bound in places]
    line = places[0][0].lineno
    if not all(same(parse_pattern(texts[0]), parse_pattern(other)) for other in texts[1:]):
        return _refused(source, line, "the places differ in what the hoisted statement takes")
    wanted = parse_hoist(texts[0])
    nodes = [node for node, _ in places]
    first = next((node for node in there if _runs_before(source, node, nodes)), None)
    found = first is not None
    if first is None:
        first = _first(source, wanted, nodes)
        if first is None:
            reason = f"no block in which `{wanted.text}` can stand runs before all places"
            return _refused(source, line, reason)
    if reason := _unsafe(source, wanted, first, nodes, new=not found):
        return _refused(source, first.lineno, reason)
    if found:
        return Found()
    code = lay_out(source, text, source.indentation(first)).decode()
    code = render(code, places[0][1], source.text)
    offset = line_before(source, first)
    return Found(support=[Draft(offset, offset, code.encode(), first.lineno)])


def parse_hoist(text: str) -> Hoist:
    """Read a statement that is to be hoisted.

    Raises:
        PatternError: It is not one assignment to `name` or `self.name`.
    """
    statement = parse_pattern(text)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign) and statement.value:
        target = statement.target
    else:
        raise PatternError(f"what is hoisted must be one assignment: {text!r}")
    if not isinstance(target, ast.Name) and not (
        isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
    ):
        raise PatternError(f"what is hoisted must set `name` or `self.name`: {text!r}")
    return Hoist(text, statement, target)


def _target(statement: ast.Assign | ast.AnnAssign) -> ast.expr:
    return statement.targets[0] if isinstance(statement, ast.Assign) else statement.target


def _refused(source: PythonSource, line: int, reason: str) -> Found:
    return Found(wrong=[Wrong(line, reason, source.line(line).strip())])


def _unsafe(
    source: PythonSource, wanted: Hoist, first: ast.stmt, nodes: Sequence[Node], *, new: bool
) -> str:
    """Why the statement would not mean the same there as at the places; empty where it does."""
    owner = _owner(source, first)
    if new and (taken := used_otherwise(source, wanted.target, owner)):
        return f"`{ast.unparse(wanted.target)}` is used already, on line {taken}"
    changed = rebound(source, Reads.of(wanted.statement), owner, first, nodes)
    if changed is not None:
        name, line = changed
        return f"`{name}`, which `{wanted.text}` reads, gets its value on line {line}"
    return ""


def _first(source: PythonSource, wanted: Hoist, nodes: Sequence[Node]) -> ast.stmt | None:
    """The statement to stand before: of the deepest block that holds all places and where it can."""
    chains = [{id(block): index for block, index in _chain(source, node)} for node in nodes]
    for block, _ in _chain(source, nodes[0]):
        if all(id(block) in chain for chain in chains):
            index = min(chain[id(block)] for chain in chains)
            while index and shares_line(source, block[index - 1], block[index]):
                index -= 1
            if _can_stand(source, wanted, block[index]):
                return block[index]
    return None


def _chain(source: PythonSource, node: Node) -> Iterator[tuple[list[ast.stmt], int]]:
    """The blocks that hold a node, innermost first, each with the index of the statement that does."""
    for found in [node, *source.ancestors(node)]:
        if isinstance(found, ast.stmt):
            block = source.block(found)
            yield block, next(i for i, other in enumerate(block) if other is found)


def _can_stand(source: PythonSource, wanted: Hoist, before: ast.stmt) -> bool:
    if is_elif(source, before) or not begins_line(source, before):
        return False
    owner = _owner(source, before)
    inside = {type(node) for node in ast.walk(wanted.statement)}
    if inside & {ast.Yield, ast.YieldFrom}:
        return False
    if ast.Await in inside and not isinstance(owner, ast.AsyncFunctionDef):
        return False
    if isinstance(owner, ast.ClassDef):
        return False
    if isinstance(wanted.target, ast.Name):
        return True
    assert isinstance(wanted.target.value, ast.Name)
    root = wanted.target.value.id
    return root not in {"self", "cls"} or _is_parameter(source, root, before)


def _is_parameter(source: PythonSource, name: str, below: ast.stmt) -> bool:
    return any(
        name == arg.arg
        for above in source.ancestors(below)
        if isinstance(above, Function)
        for arg in [*above.args.posonlyargs, *above.args.args]
    )


def _owner(source: PythonSource, statement: ast.stmt) -> ast.Module | Definition:
    above = source.ancestors(statement)
    return next(node for node in above if isinstance(node, ast.Module | Definition))


def _runs_before(source: PythonSource, statement: ast.stmt, nodes: Sequence[Node]) -> bool:
    block, own = next(_chain(source, statement))
    return all(
        any(other is block and index > own for other, index in _chain(source, node))
        for node in nodes
    )
