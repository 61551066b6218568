"""index-tts/nfe-step: 12 steps of the flow instead of 25, wherever a method that speaks says so."""

from __future__ import annotations

import ast

from oracles.changes import set_number
from oracles.index_tts import edited_modules
from oracles.reading import Expectation, Files, Marks

FILES = ("**/infer*.py",)


def expect(files: Files) -> Expectation:
    """The plain number."""
    return edited_modules(files, _edit, "no flow")


def _edit(function: ast.AST, marks: Marks) -> None:
    # A method that speaks may hold another; each number is changed once, for it is 25 no more.
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "diffusion_steps":
            set_number(node.value, 25, 12, marks)
