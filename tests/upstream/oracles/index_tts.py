"""The three modules of IndexTTS: classes whose methods named infer... speak."""

from __future__ import annotations

import ast
from collections.abc import Callable

from oracles.reading import (
    Expectation,
    Files,
    Marks,
    construct,
    definitions,
    none,
    other,
    parsed,
)

PATHS = ("indextts/infer.py", "indextts/infer_v2.py", "indextts/infer_v2_5.py")


def edited_modules(
    files: Files, edit: Callable[[ast.AST, Marks], None], missing: str
) -> Expectation:
    """The reading that comes of editing every method that speaks, over all modules that are there."""
    edits = {}
    for path in PATHS:
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        for one in tree.body:
            if isinstance(one, ast.ClassDef) and one.name.startswith("IndexTTS"):
                for function in definitions(one):
                    if function.name.startswith("infer"):
                        edit(function, marks)
        if marks.count:
            edits[path] = marks.edit(tree)
    return construct(edits) if edits else none(missing)
