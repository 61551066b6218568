"""index-tts/fewer-cache-clears: methods that speak empty the GPU cache only where memory is short."""

from __future__ import annotations

import ast

from oracles.cache_clears import CLEAR, HELPER, beside, imported, soften
from oracles.imports import add_import, imports_package
from oracles.index_tts import PATHS
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

FILES = ("**/infer*.py",)


def expect(files: Files) -> Expectation:
    """Directly, or through the class's own method, which stays. No version moves a model to the CPU before."""
    edits = {}
    for path in PATHS:
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        for one in tree.body:
            if isinstance(one, ast.ClassDef) and one.name.startswith("IndexTTS"):
                _speak(one, marks)
        if marks.count and imports_package(tree, "utils"):  # on two days, when scripts lay here
            add_import(tree, f"from {HELPER} import clear_if_low", marks)
        else:
            imported(tree, marks, "indextts")
        if marks.count:
            edits[path] = marks.edit(tree)
    reading = construct(edits) if edits else none("no clear while it speaks")
    return beside(reading, "indextts")


def _speak(owner: ast.ClassDef, marks: Marks) -> None:
    for function in definitions(owner):
        if function.name.startswith("infer"):
            soften(function, [CLEAR, "self.torch_empty_cache()"], marks)
