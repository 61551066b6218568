"""mockingbird/no-grad: the encoder's batch and the synthesiser record no gradients."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from oracles.changes import Function, decorate
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    construct,
    definitions,
    methods,
    none,
    other,
    parsed,
)

FILES = ("**/encoder/inference.py", "**/synthesizer/inference.py")
FOLDERS = ("models/", "")


def expect(files: Files) -> Expectation:
    """One function in each of two files, which moved together."""
    edits = {}
    for folder in FOLDERS:
        for name in ("encoder", "synthesizer"):
            path = f"{folder}{name}/inference.py"
            tree = parsed(files.get(path, b""))
            if tree is None:
                return other(f"{path} is no Python")
            marks = Marks()
            for function in _wanted(name, tree):
                decorate(function, "torch.no_grad()", marks)
            if marks.count:
                edits[path] = marks.edit(tree)
    return construct(edits) if edits else none("neither of the two functions")


def _wanted(name: str, tree: ast.Module) -> Iterable[Function]:
    if name == "encoder":
        return definitions(tree, "embed_frames_batch")
    return methods(tree, "Synthesizer", "synthesize_spectrograms")
