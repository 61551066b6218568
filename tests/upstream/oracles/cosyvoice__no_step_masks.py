"""cosyvoice/no-step-masks: a step of Qwen2 runs the model without a mask; training's `forward` keeps its own."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, lines_of, methods

FILES = ("**/llm.py",)
PATH = "cosyvoice/llm/llm.py"


def expect(files: Files) -> Expectation:
    """One argument of the one call of the model in `forward_one_step`."""
    return edited(files, PATH, _edit, "no language model of Qwen2")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "Qwen2Encoder", "forward_one_step"):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("self.model"):
                _unmask(node, marks)


def _unmask(call: ast.Call, marks: Marks) -> None:
    """`attention_mask=input_masks` becomes `attention_mask=None`."""
    for keyword in call.keywords:
        if keyword.arg == "attention_mask" and ast.unparse(keyword.value) == "input_masks":
            marks.changed |= set(lines_of(keyword.value))
            marks.count += 1
            keyword.value = ast.Constant(value=None)
