"""The nodes right below a node of a Python syntax tree: for walks of whole files, quicker than `ast.walk`."""

from __future__ import annotations

import ast

# Kinds of nodes that hold no other, and fields that hold none but a context, which nodes share (`ast.Load()`).
LEAVES = {ast.Constant, ast.alias, ast.Global, ast.Nonlocal}
PLAIN = {
    "ctx",
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
_FIELDS: dict[type[ast.AST], list[str]] = {}  # of a kind, those that may hold nodes


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes below one, in the order of its fields; contexts are left out."""
    kind = type(node)
    if kind not in _FIELDS:
        _FIELDS[kind] = [] if kind in LEAVES else [one for one in kind._fields if one not in PLAIN]
    found: list[ast.AST] = []
    for name in _FIELDS[kind]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found
