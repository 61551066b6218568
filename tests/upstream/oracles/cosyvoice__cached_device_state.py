"""cosyvoice/cached-device-state: the constructor asks for a GPU once, and keeps the answer."""

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
KEPT = "self._cuda_available"


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
    """Every question in the constructor; the first statement that asks gets the answer before it."""
    return edited(files, PATH, _edit, "the constructor does not ask")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "CosyVoiceFrontEnd", "__init__"):
        asking = [
            index
            for index, node in enumerate(function.body)
            if any(spelled(one, ASKED) for one in ast.walk(node))
        ]
        if asking:
            first = function.body[asking[0]]
            marks.inserted.add(first.lineno - 1)
            _Answered(marks).visit(function)
            function.body[asking[0] : asking[0]] = statements(f"{KEPT} = {ASKED}")
