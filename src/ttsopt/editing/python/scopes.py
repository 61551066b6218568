"""Definitions of a module by their dotted name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Function = ast.FunctionDef | ast.AsyncFunctionDef
WILD = frozenset("*?[")
BLOCKS = (ast.If, ast.Try, ast.With)


def definitions(body: list[ast.stmt]) -> Iterator[Definition]:
    """Classes and functions of a block, those under `if`, `try` and `with` included: they bind the same name."""
    for node in body:
        if isinstance(node, Definition):
            yield node
        elif isinstance(node, BLOCKS):
            for name in ("body", "orelse", "finalbody"):
                yield from definitions(getattr(node, name, []))
        for handler in getattr(node, "handlers", []):
            yield from definitions(handler.body)


def scopes(tree: ast.Module, path: str) -> list[ast.Module | Definition]:
    """Return what a dotted name such as `F5TTS.infer` or `TTS.*` stands for; the module where it is empty."""
    found: list[ast.Module | Definition] = [tree]
    for part in filter(None, path.split(".")):
        found = [
            node
            for scope in found
            for node in definitions(scope.body)
            if node.name == part or (WILD & set(part) and fnmatchcase(node.name, part))
        ]
    return found


def defines(tree: ast.Module, anchor: str) -> bool:
    """True if a module holds the exact definition that an anchor names: `class F5TTS`, `def infer_process`."""
    keyword, _, name = anchor.partition(" ")
    kinds = ast.ClassDef if keyword == "class" else Function
    if set(name) & WILD:
        return False
    return any(isinstance(node, kinds) for node in scopes(tree, name.strip()) if node is not tree)
