"""mockingbird/bf16-encoder: embed_frames_batch calls a helper, which calls the model without gradients."""

from __future__ import annotations

import ast

from oracles.imports import add_import
from oracles.mockingbird__int8_cells import HELPERS
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    construct,
    definitions,
    expression,
    lines_of,
    none,
    other,
    parsed,
    spelled,
)

FILES = ("**/encoder/inference.py",)
CALLED = "_model.forward(frames).detach()"


def expect(files: Files) -> Expectation:
    """One call of one function, its import, and the helpers: in the file of the encoder, which moved once."""
    for folder in ("models/encoder", "encoder"):
        path = f"{folder}/inference.py"
        tree, marks = parsed(files.get(path, b"")), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        for function in definitions(tree, "embed_frames_batch"):
            _call_the_helper(function, marks)
        if marks.count:
            module = f"{folder.replace('/', '.')}.{HELPERS[0]}"
            add_import(tree, f"from {module} import quick_embedding", marks)
            created = {f"{folder}/{helper}.py": ANYTHING for helper in HELPERS}
            return construct({path: marks.edit(tree)}, created)
    return none("no call of the model")


def _call_the_helper(function: ast.AST, marks: Marks) -> None:
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and spelled(node.value, CALLED):
            node.value = expression("quick_embedding(_model, frames)")
            marks.changed |= set(lines_of(node))
            marks.count += 1
