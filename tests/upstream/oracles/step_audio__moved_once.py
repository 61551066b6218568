"""step-audio/moved-once: encoding a recording moves and sets up the model only where it is not yet."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    expression,
    lines_of,
    methods,
    spelled,
)

FILES = ("**/auto/auto_model.py",)
PATH = "funasr_detach/auto/auto_model.py"
INSTEAD = {
    "model.cuda()": "model if next(model.parameters()).is_cuda else model.cuda()",
    "model.eval()": "model.eval() if model.training else model",
}


def expect(files: Files) -> Expectation:
    """Two statements of `infer_encoder`, which the tokenizer calls, and none elsewhere."""
    return edited(files, PATH, _edit, "infer_encoder neither moves nor sets up the model")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "AutoModel", "infer_encoder"):
        for node in ast.walk(function):
            for text, instead in INSTEAD.items():
                if isinstance(node, ast.Assign | ast.Expr) and spelled(node.value, text):
                    marks.changed |= set(lines_of(node))
                    marks.count += 1
                    node.value = expression(instead)
