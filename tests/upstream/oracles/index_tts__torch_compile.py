"""index-tts/torch-compile: IndexTTS2 compiles its flow on a CUDA GPU unless told otherwise, in both modules."""

from __future__ import annotations

import ast

from oracles.changes import defaults
from oracles.index_tts import PATHS
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    construct,
    expression,
    lines_of,
    methods,
    none,
    other,
    parsed,
    spelled,
)

FILES = ("**/infer*.py",)
KEPT = "self.use_torch_compile = use_torch_compile"
ASKED = "str(self.device).startswith('cuda') if use_torch_compile is None else use_torch_compile"


def expect(files: Files) -> Expectation:
    """The constructor's parameter, where there is one, and the attribute that keeps it."""
    edits = {}
    for path in PATHS[1:]:
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        _edit(tree, marks)
        if marks.count:
            edits[path] = marks.edit(tree)
    return construct(edits) if edits else none("no such parameter")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "IndexTTS2", "__init__"):
        for default in defaults(function, "use_torch_compile"):
            assert isinstance(default, ast.Constant)
            assert default.value is False
            default.value = None
            marks.changed |= set(lines_of(default))
            marks.count += 1
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and spelled(node, KEPT):
                node.value = expression(ASKED)
                marks.changed |= set(lines_of(node))
                marks.count += 1
