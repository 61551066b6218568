"""Whether names still mean the same between a hoisted statement and the places that rely on it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ttsopt.editing.python.pattern import match
from ttsopt.editing.python.scopes import Definition, Function
from ttsopt.editing.python.source import PythonSource

Position = tuple[int, int]
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Loop = ast.For | ast.AsyncFor | ast.While
Scope = Function | ast.ClassDef | ast.Lambda | Comprehension
# What runs later than where it stands, when names may have other values.
Deferred = Function | ast.Lambda | ast.GeneratorExp


@dataclass(frozen=True, slots=True)
class Reads:
    """The names and the dotted chains (`self.device`) whose value a statement depends on."""

    names: frozenset[str]
    chains: frozenset[str]

    @staticmethod
    def of(statement: ast.Assign | ast.AnnAssign) -> Reads:
        """What the value of an assignment reads, and the object that its target belongs to."""
        assert statement.value is not None
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        nodes = [*ast.walk(statement.value)]
        nodes += [target.value] if isinstance(target, ast.Attribute) else []
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        chains = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
        return Reads(frozenset(names), frozenset(chains))


def rebound(
    source: PythonSource,
    reads: Reads,
    owner: ast.Module | Definition,
    first: ast.stmt,
    places: Sequence[ast.AST],
) -> tuple[str, int] | None:
    """A name that is given a value between `first` and one of the places, and the line; None if there is none."""
    if (shared := _shared(source, reads)) is not None:
        return shared
    holders = {id(above) for place in places for above in [place, *source.ancestors(place)]}
    last = max(_start(place) for place in places)
    below = {place: list(_below(source, place, owner)) for place in places}
    later = any(isinstance(node, Deferred) for nodes in below.values() for node in nodes)
    since = _start(first)
    again = _run_again(below, since)
    if later:
        loops = [node for node in _below(source, first, owner) if isinstance(node, Loop)]
        since = min([since, *map(_start, loops)])
    for node, at in _bindings(source, owner, holders):
        name = _bound_name(node, reads)
        if name and at >= since and (later or at < last or id(node) in again):
            return name, getattr(node, "lineno", first.lineno)
    return None


def _shared(source: PythonSource, reads: Reads) -> tuple[str, int] | None:
    """A name that some function declares global or nonlocal: any call between may change it."""
    found = source.nodes(source.tree)
    for node in [*found.get(ast.Global, ()), *found.get(ast.Nonlocal, ())]:
        if name := _bound_name(node, reads):
            return name, _start(node)[0]
    return None


def _run_again(below: Mapping[ast.AST, Sequence[ast.AST]], since: Position) -> set[int]:
    """The nodes of all loops that run a place again and again, but not what is hoisted."""
    loops = {
        loop
        for place, nodes in below.items()
        for loop in nodes
        if _start(loop) >= since and _repeats(loop, place)
    }
    return {id(node) for loop in loops for node in ast.walk(loop)}


def used_otherwise(
    source: PythonSource,
    target: ast.Name | ast.Attribute,
    owner: ast.Module | Definition,
) -> int:
    """The first line on which what is to be set is used already, 0 if there is none."""
    if isinstance(target, ast.Name):
        scope: ast.AST = owner
        mentions = partial(_is_named, target.id)
    else:
        above = [owner, *source.ancestors(owner)]
        scope = next((node for node in above if isinstance(node, ast.ClassDef)), source.tree)
        mentions = partial(_is_attribute, target, getattr(scope, "body", []))
    nodes = (node for found in source.nodes(scope).values() for node in found)
    lines = [getattr(node, "lineno", 1) for node in nodes if mentions(node)]
    return min(lines, default=0)


def _is_named(name: str, node: ast.AST) -> bool:
    return (isinstance(node, ast.Name) and node.id == name) or name in _names(node)


def _is_attribute(target: ast.Attribute, body: Sequence[ast.stmt], node: ast.AST) -> bool:
    """The same attribute of the same object, or what a class has by that name."""
    if isinstance(node, ast.Attribute):
        return node.attr == target.attr and match(target.value, node.value) is not None
    if not isinstance(node, ast.stmt) or node not in body:
        return False
    held = [node] if isinstance(node, Definition) else list(ast.walk(node))
    return any(_is_named(target.attr, inner) for inner in held)


def _names(node: ast.AST) -> Iterator[str]:
    """Names that a node other than `Name` binds or declares."""
    match node:
        case ast.arg():
            yield node.arg
        case ast.alias():
            yield node.asname or node.name.partition(".")[0]
        case ast.Global() | ast.Nonlocal():
            yield from node.names
        case ast.MatchMapping(rest=str(rest)):
            yield rest
        case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar():
            yield from [node.name] if node.name else []
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            yield node.name


def _bound_name(node: ast.AST, reads: Reads) -> str:
    """Which of the names read a node gives a value, empty for none."""
    if isinstance(node, ast.Name):
        return node.id if not isinstance(node.ctx, ast.Load) and node.id in reads.names else ""
    if isinstance(node, ast.Attribute):
        chain = "" if isinstance(node.ctx, ast.Load) else ast.unparse(node)
        return chain if chain in reads.chains else ""
    names = set(_names(node))
    return min(names & reads.names, default="*" if "*" in names else "")


def _bindings(
    source: PythonSource, node: ast.AST, holders: set[int]
) -> Iterator[tuple[ast.AST, Position]]:
    """All nodes that may bind, each with the place in the file from which its value is there.

    The inside of a scope that holds none of the places (`holders`: what is above them) is its own affair.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            yield child, _end(child)
        elif hasattr(child, "lineno") or isinstance(child, ast.alias):
            yield child, _from(source, child)
        if isinstance(child, Scope) and id(child) not in holders:
            yield from _leaking(child)
        else:
            yield from _bindings(source, child, holders)


def _leaking(scope: ast.AST) -> Iterator[tuple[ast.AST, Position]]:
    for node in ast.walk(scope):
        if isinstance(node, ast.NamedExpr):
            yield node.target, _end(node)


def _from(source: PythonSource, node: ast.AST) -> Position:
    """An assignment has its effect when its statement ends, a loop's target when what it runs over is read."""
    below = node
    for above in source.ancestors(node):
        match above:
            case ast.Assign() | ast.AugAssign() | ast.AnnAssign() if below is not above.value:
                return _end(above)
            case ast.NamedExpr() if below is above.target:
                return _end(above)
            case ast.For() | ast.AsyncFor() if below is above.target:
                return _end(above.iter)
            case ast.comprehension() if below is above.target:
                return _start(source.parents[above])
            case ast.stmt():
                break
        below = above
    return _start(node)


def _below(source: PythonSource, place: ast.AST, owner: ast.AST) -> Iterator[ast.AST]:
    """What holds a place, up to its owner."""
    for above in source.ancestors(place):
        if above is owner:
            return
        yield above


def _repeats(loop: ast.AST, place: ast.AST) -> bool:
    """Whether a loop runs the place again and again: not what a `for` runs over."""
    if isinstance(loop, ast.For | ast.AsyncFor):
        inside = {id(node) for part in loop.body for node in ast.walk(part)}
        return id(place) in inside
    return isinstance(loop, ast.While | Comprehension)


def _start(node: ast.AST) -> Position:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _end(node: ast.AST) -> Position:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)
