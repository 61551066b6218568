"""step-audio/tensorrt: the tokenizer's ONNX session is made by the helper, of the same arguments."""

from __future__ import annotations

import ast
from dataclasses import replace

from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import (
    ANYTHING,
    CONSTRUCT,
    Expectation,
    Files,
    Marks,
    Module,
    expression,
    lines_of,
    methods,
)

FILES = ("tokenizer.py",)
PATH = "tokenizer.py"
KEPT_AS = "self.ort_session"
MADE_BY = "onnxruntime.InferenceSession"
CREATED = {"ttsopt_tensorrt_session.py": ANYTHING, "ttsopt_kernels.py": ANYTHING}


def expect(files: Files) -> Expectation:
    """The session that the constructor keeps, and the helpers at the root."""
    reading = edited(files, PATH, _edit, "no session is kept")
    return replace(reading, created=CREATED) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "StepAudioTokenizer", "__init__"):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == KEPT_AS:
                made = node.value
                if isinstance(made, ast.Call) and ast.unparse(made.func) == MADE_BY:
                    marks.changed |= set(lines_of(node))
                    marks.count += 1
                    made.args.insert(0, made.func)
                    made.func = expression("session_by_tensorrt")
    if marks.count:
        add_import(tree, "from ttsopt_tensorrt_session import session_by_tensorrt", marks)
