"""cosyvoice/cached-device-state: the constructor asks for a GPU once a process."""

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
    statements,
)

FILES = ("**/frontend.py",)
PATH = "cosyvoice/cli/frontend.py"
ASKED = "torch.cuda.is_available()"
KEPT = "_cuda_is_available()"
KEEPS = "_cuda_is_available = lru_cache(maxsize=None)(torch.cuda.is_available)"
IMPORT = "from functools import lru_cache"


class _Answered(ast.NodeTransformer):
    """Puts the kept answer where the question was."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Replace the question, look into every other call."""
        if not spelled(node, ASKED):
            self.generic_visit(node)
            return node
        self._marks.changed |= set(lines_of(node))
        self._marks.count += 1
        return expression(KEPT)


def expect(files: Files) -> Expectation:
    """Every question in the constructor; what keeps the answer stands behind torch's import."""
    return edited(files, PATH, _edit, "the constructor does not ask")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "CosyVoiceFrontEnd", "__init__"):
        _Answered(marks).visit(function)
    if marks.count:
        torch = next(node for node in tree.body if spelled(node, "import torch"))
        marks.inserted.add(torch.lineno)
        tree.body.insert(tree.body.index(torch) + 1, statements(KEEPS)[0])
        first = next(node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
        marks.inserted.add(first.lineno - 1)
        tree.body.insert(tree.body.index(first), statements(IMPORT)[0])
