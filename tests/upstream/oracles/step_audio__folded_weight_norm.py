"""step-audio/folded-weight-norm: the vocoder's weights are folded as soon as they lie where they are used."""

from __future__ import annotations

import ast

from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, lines_of, methods, statements

FILES = ("**/cli/cosyvoice.py",)
PATH = "stepvocoder/cosyvoice2/cli/cosyvoice.py"
FOLD = """
for module in list(self.cosy_impl.hift.modules()):
    if parametrize.is_parametrized(module, "weight"):
        parametrize.remove_parametrizations(module, "weight")
"""


def expect(files: Files) -> Expectation:
    """Below the statement of the constructor that moves the model."""
    return edited(files, PATH, _edit, "no vocoder is moved to its device here")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "CosyVoice", "__init__"):
        for index, node in enumerate(function.body):
            if _moves(node):
                marks.inserted.add(max(lines_of(node)))
                marks.count += 1
                function.body[index + 1 : index + 1] = statements(FOLD)
                break
    if marks.count:
        add_import(tree, "from torch.nn.utils import parametrize", marks)


def _moves(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == "self.cosy_impl"
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr == "to"
    )
