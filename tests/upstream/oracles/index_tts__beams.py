"""index-tts/beams: one beam instead of three, wherever a method that speaks says three."""

from __future__ import annotations

import ast

from oracles.changes import set_number
from oracles.index_tts import edited_modules
from oracles.reading import Expectation, Files, Marks

FILES = ("**/infer*.py",)


def expect(files: Files) -> Expectation:
    """The default of `pop("num_beams", 3)`, or the plain number."""
    return edited_modules(files, _edit, "no number of three beams")


def _edit(function: ast.AST, marks: Marks) -> None:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "num_beams":
            value = node.value
            set_number(value.args[-1] if isinstance(value, ast.Call) else value, 3, 1, marks)
