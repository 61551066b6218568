"""gpt-sovits/tf32: set_seed, which turns TF32 off, turns it on."""

from __future__ import annotations

import ast

from oracles.changes import set_number
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, definitions

FILES = ("**/TTS.py",)
PATH = "GPT_SoVITS/TTS_infer_pack/TTS.py"


def expect(files: Files) -> Expectation:
    """Every `...allow_tf32 = False` in the function."""
    return edited(files, PATH, _edit, "set_seed leaves TF32 alone")


def _edit(tree: Module, marks: Marks) -> None:
    for function in definitions(tree, "set_seed"):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(
                ".allow_tf32"
            ):
                set_number(node.value, False, True, marks)
