"""cosyvoice/half-precision: fp16 is on by default in CosyVoice and CosyVoice2."""

from __future__ import annotations

import ast

from oracles.changes import defaults, set_number
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, already, methods, parsed

FILES = ("**/cli/cosyvoice.py",)
PATH = "cosyvoice/cli/cosyvoice.py"
CLASSES = ("CosyVoice", "CosyVoice2")


def expect(files: Files) -> Expectation:
    """Where it is a parameter of the constructor; CosyVoice 3 stays."""
    if PATH in files:
        tree = parsed(files[PATH])
        values = _values(tree) if tree else []
        if values and all(isinstance(one, ast.Constant) and one.value is True for one in values):
            return already("on by default")
    return edited(files, PATH, _edit, "no parameter fp16")


def _values(tree: Module) -> list[ast.expr]:
    made = [one for name in CLASSES for one in methods(tree, name, "__init__")]
    return [value for one in made for value in defaults(one, "fp16")]


def _edit(tree: Module, marks: Marks) -> None:
    for value in _values(tree):
        set_number(value, False, True, marks)
