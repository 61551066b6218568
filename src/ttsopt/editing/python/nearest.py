"""Nearest that a file has to what a patch looks for, and what tells the two apart: for refusals worth reading."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from difflib import SequenceMatcher, get_close_matches
from itertools import islice, zip_longest
from typing import NamedTuple

from ttsopt.editing.python.found import Wrong
from ttsopt.editing.python.pattern import match, nodes_like, parse_pattern
from ttsopt.editing.python.placeholders import ONE, RUN, as_written
from ttsopt.editing.python.scopes import Definition, definitions, scopes
from ttsopt.editing.python.shape import is_literal
from ttsopt.editing.python.source import PythonSource

# What a person would call the same construct, changed; below it, chance.
ALIKE = 0.6
LONGEST = 240

Node = ast.expr | ast.stmt
Parts = tuple[object, object]


class Candidate(NamedTuple):
    """A line (1-based), what is there, and in words what sets it apart from what was looked for."""

    line: int
    text: str
    difference: str


def near_miss(source: PythonSource, scope: ast.AST, pattern: Node, text: str) -> Wrong | None:
    """The first place that would match were the pattern's literals left open; none for a literal alone."""
    inner = [node for node in ast.walk(pattern) if isinstance(node, ast.Constant)]
    if not inner or inner == [pattern]:
        return None
    nodes = nodes_like(source, scope, pattern, open_literals=True)
    near = [node for node in nodes if match(pattern, node, open_literals=True) is not None]
    if not near:
        return None
    node = min(near, key=source.span)
    line = source.statement(node).lineno
    reason = f"looked for {text}, which is there with {_other_values(pattern, node)}"
    return Wrong(line, reason, source.line(line).strip(), difference(pattern, node))


def _other_values(pattern: Node, node: Node) -> str:
    for wanted, there in _apart(pattern, node):
        if isinstance(there, ast.AST) and not is_literal(there):
            return f"{_text(there)}, whose value the code alone does not tell, in place of {_text(wanted)}"
    return "other values"


def nearest_candidate(source: PythonSource, scope_path: str, pattern: str) -> Candidate | None:
    """The statement or expression most like a pattern: in its scope, else anywhere in the file."""
    wanted = parse_pattern(pattern)
    for scope in scopes(source.tree, scope_path):
        if (node := _most_alike(source, scope, wanted)) is not None:
            return _candidate(source, node, difference(wanted, node))
    node = _most_alike(source, source.tree, wanted) if scope_path else None
    if node is None:
        return None
    apart = "" if match(wanted, node) is not None else f": {difference(wanted, node)}"
    return _candidate(source, node, f"outside of `{scope_path}`, where the patch looks{apart}")


def difference(pattern: ast.AST, node: ast.AST) -> str:
    """Return what tells a node from a pattern, in words: "`16` where the patch expects `32`"."""
    return "; ".join(_words(*parts) for parts in islice(_apart(pattern, node), 2))


def _candidate(source: PythonSource, node: Node, apart: str) -> Candidate:
    return Candidate(node.lineno, header(source.text(node)), apart)


def nearest_definition(source: PythonSource, scope_path: str) -> Candidate | None:
    """Return the definition whose dotted name is most like the one that is missing."""
    known = dict(_dotted(source.tree.body, ""))
    for name in get_close_matches(scope_path, known, 1, ALIKE):
        line = source.line(known[name].lineno).strip()
        apart = f"`{name}` where the patch expects `{scope_path}`"
        return Candidate(known[name].lineno, line, apart)
    return None


def _dotted(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Definition]]:
    for node in definitions(body):
        yield prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from _dotted(node.body, f"{prefix}{node.name}.")


def _most_alike(source: PythonSource, scope: ast.AST, pattern: Node) -> Node | None:
    """By the letters of its first line, among those of its kind that share a name with it."""
    wanted = header(_shown(pattern))
    names = [name.encode() for name in names_of(pattern)]
    best, found = ALIKE, None
    for node in nodes_like(source, scope, pattern):
        start, end = source.span(node)
        data = source.data[start : min(end, start + LONGEST)]
        if node is scope or not any(name in data for name in names):
            continue
        likeness = SequenceMatcher(None, header(data.decode(errors="ignore")), wanted)
        if likeness.real_quick_ratio() >= best and likeness.quick_ratio() >= best:
            ratio = likeness.ratio()
            if ratio > best or (ratio == best and found is None):
                best, found = ratio, node
    return found


def names_of(pattern: Node) -> set[str]:
    """The words of a pattern by which a changed construct would still be known."""
    names: set[str] = set()
    for node in ast.walk(pattern):
        for name in ("id", "attr", "arg", "name"):
            word = getattr(node, name, None)
            if isinstance(word, str) and not word.startswith((ONE, RUN)) and word != "self":
                names.add(word)
    return names


def header(text: str) -> str:
    """The first lines of a construct as one, up to the block that it may hold."""
    lines = text.strip().splitlines()
    whole = " ".join(line.strip() for line in lines[:6])
    short = lines[0].strip() if lines and lines[0].rstrip().endswith(":") else whole
    return short if len(short) <= LONGEST else f"{short[:LONGEST]}…"


def _apart(pattern: object, node: object) -> Iterator[Parts]:
    """The smallest parts that differ."""
    if isinstance(pattern, ast.AST) and isinstance(node, ast.AST):
        if match(pattern, node) is not None:
            return
        inner = list(_apart_inside(pattern, node))
        yield from inner or [(pattern, node)]
    elif pattern != node:
        yield pattern, node


def _apart_inside(pattern: ast.AST, node: ast.AST) -> Iterator[Parts]:
    if type(pattern) is not type(node) or isinstance(pattern, ast.Name | ast.Constant):
        return
    if isinstance(pattern, ast.Call) and isinstance(node, ast.Call):
        yield from _apart(pattern.func, node.func)
        yield from _apart_arguments(pattern, node)
        return
    for name in pattern._fields:
        one, other = getattr(pattern, name, None), getattr(node, name, None)
        if isinstance(one, ast.AST) and isinstance(other, ast.AST):
            yield from _apart(one, other)
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            for a, b in zip(one, other, strict=True):
                yield from _apart(a, b)


def _apart_arguments(pattern: ast.Call, node: ast.Call) -> Iterator[Parts]:
    run = any(_shown(arg).startswith("$$$") for arg in pattern.args)
    fixed = [arg for arg in pattern.args if not _shown(arg).startswith("$$$")]
    for one, other in zip_longest(fixed, node.args[: len(fixed)] if run else node.args):
        yield from _apart(one, other)
    there = {keyword.arg: keyword for keyword in node.keywords}
    for keyword in pattern.keywords:
        known = there.pop(keyword.arg, None)
        yield from _apart(keyword.value, known.value) if known else [(keyword, None)]
    if not run:
        yield from ((None, keyword) for keyword in there.values())


def _words(pattern: object, node: object) -> str:
    if pattern is None:
        return f"`{_text(node)}`, which the patch does not expect"
    if node is None:
        return f"no `{_text(pattern)}`, which the patch expects"
    return f"`{_text(node)}` where the patch expects `{_text(pattern)}`"


def _text(part: object) -> str:
    return header(_shown(part)) if isinstance(part, ast.AST) else str(part)


def _shown(node: ast.AST) -> str:
    """A node as a patch writes it, its placeholders too."""
    return as_written(ast.unparse(node))
