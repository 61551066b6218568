"""cosyvoice/hidden-states-only: a step of Qwen2 runs the model without its head, and keeps no list of layers."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, lines_of, methods

FILES = ("**/llm.py",)
PATH = "cosyvoice/llm/llm.py"


class _Headless(ast.NodeTransformer):
    """In the body of one function: the inner model, no list, its last state."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """`self.model(..., output_hidden_states=True)`."""
        if ast.unparse(node.func) == "self.model":
            for keyword in node.keywords:
                if keyword.arg == "output_hidden_states":
                    keyword.value = ast.Constant(value=False)
                    self._marks.changed.add(keyword.lineno)
            self._marks.changed.add(node.func.lineno)
            self._marks.count += 1
            node.func = ast.Attribute(value=node.func, attr="model", ctx=ast.Load())
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """`outs.hidden_states[-1]`."""
        if ast.unparse(node) != "outs.hidden_states[-1]":
            return node
        self._marks.changed |= set(lines_of(node))
        self._marks.count += 1
        return ast.Attribute(
            value=ast.Name(id="outs", ctx=ast.Load()), attr="last_hidden_state", ctx=ast.Load()
        )


def expect(files: Files) -> Expectation:
    """Both places of `forward_one_step`; training's `forward` stays."""
    return edited(files, PATH, _edit, "no language model of Qwen2")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "Qwen2Encoder", "forward_one_step"):
        _Headless(marks).visit(function)
