"""f5-tts/half-precision: load_model makes no exception for BigVGAN."""

from __future__ import annotations

import ast

from oracles.f5_tts_loaders import FILES, PLACES
from oracles.python_file import edited
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    definitions,
    lines_of,
    none,
    spelled,
)

__all__ = ["FILES", "expect"]

EXCEPTION = "dtype = torch.float32 if mel_spec_type == 'bigvgan' else None"


def expect(files: Files) -> Expectation:
    """One assignment of load_model, wherever this version keeps it."""
    for folder in PLACES:
        if f"{folder}/utils_infer.py" in files:
            return edited(files, f"{folder}/utils_infer.py", _edit, "no exception is made")
    return none("no file that loads models")


def _edit(tree: Module, marks: Marks) -> None:
    for function in definitions(tree, "load_model"):
        for node in function.body:
            if isinstance(node, ast.Assign) and spelled(node, EXCEPTION):
                marks.changed |= set(lines_of(node))
                marks.count += 1
                node.value = ast.Constant(None)
