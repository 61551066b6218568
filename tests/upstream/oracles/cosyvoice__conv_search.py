"""cosyvoice/conv-search: the front end's CUDA provider searches convolutions by heuristics."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, expression, lines_of, methods

FILES = ("**/frontend.py",)
PATH = "cosyvoice/cli/frontend.py"
CUDA = "CUDAExecutionProvider"
HEURISTIC = f"('{CUDA}', {{'cudnn_conv_algo_search': 'HEURISTIC'}})"


class _Named(ast.NodeTransformer):
    """Gives the provider's name its options."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """Replace the name, wherever it stands."""
        if node.value != CUDA:
            return node
        self._marks.changed |= set(lines_of(node))
        self._marks.count += 1
        return expression(HEURISTIC)


def expect(files: Files) -> Expectation:
    """The name of the provider, wherever the constructor writes it."""
    return edited(files, PATH, _edit, "no session on a GPU")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "CosyVoiceFrontEnd", "__init__"):
        _Named(marks).visit(function)
