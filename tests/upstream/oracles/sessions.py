"""ONNX sessions that a constructor makes, handed to a helper: what several patches do."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from oracles.reading import Marks, Module, expression, lines_of, methods, spelled

MADE_BY = "onnxruntime.InferenceSession"


def hand_over(tree: Module, marks: Marks, owner: str, helper: str, kept_as: str = "") -> None:
    """Have `helper` make the sessions of a class's constructor, of the same arguments behind the maker.

    With `kept_as`, only those that are kept by that name.
    """
    for function in methods(tree, owner, "__init__"):
        for place, made in _calls(function, kept_as):
            if spelled(made.func, MADE_BY):
                marks.changed |= set(lines_of(place))
                marks.count += 1
                made.args.insert(0, made.func)
                made.func = expression(helper)


def _calls(function: ast.AST, kept_as: str) -> Iterator[tuple[ast.stmt | ast.expr, ast.Call]]:
    """Yield the calls, each with the node whose lines it changes."""
    for node in ast.walk(function):
        if not kept_as and isinstance(node, ast.Call):
            yield node, node
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            target, made = node.targets[0], node.value
            if spelled(target, kept_as):
                yield node, made
