"""The nodes right below a node of a Python syntax tree: for walks of whole files, quicker than `ast.walk`."""

from __future__ import annotations

import ast

# Kinds of nodes that hold no other, and fields that hold none but what nodes share: `ast.Load()`, `ast.Add()`.
LEAVES = {ast.Constant, ast.alias, ast.Global, ast.Nonlocal}
PLAIN = {
    "ctx",
    "op",
    "ops",
    "id",
    "attr",
    "arg",
    "asname",
    "module",
    "level",
    "kind",
    "type_comment",
    "conversion",
    "simple",
}


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """Of a kind of node, the fields that may hold nodes."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        names = () if kind in LEAVES else tuple(one for one in kind._fields if one not in PLAIN)
        return self.setdefault(kind, names)


_FIELDS = _Fields()


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes below one, in the order of its fields; contexts and operators are left out."""
    found: list[ast.AST] = []
    for name in _FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def all_children(tree: ast.AST) -> dict[ast.AST, list[ast.AST]]:
    """Return the `children` of every node, in the order of `ast.walk`; most have none, and share one list."""
    none: list[ast.AST] = []
    found: dict[ast.AST, list[ast.AST]] = {}
    waiting = [tree]
    for node in waiting:
        if _FIELDS[type(node)]:
            found[node] = below = children(node)
            waiting += below
        else:
            found[node] = none
    return found
