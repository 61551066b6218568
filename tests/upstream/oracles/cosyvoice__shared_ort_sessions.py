"""cosyvoice/shared-ort-sessions: the front end asks a helper for its ONNX sessions."""

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
    methods,
    spelled,
)

FILES = ("**/frontend.py",)
PATH = "cosyvoice/cli/frontend.py"
HELPER = "cosyvoice/cli/ttsopt_cosyvoice_sessions.py"


def expect(files: Files) -> Expectation:
    """Every session that the constructor makes, an import, and one new file."""
    reading = edited(files, PATH, _edit, "no session is made")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "CosyVoiceFrontEnd", "__init__"):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and spelled(node.func, "onnxruntime.InferenceSession"):
                marks.changed.add(node.func.lineno)
                marks.count += 1
                node.func = expression("shared_session")
    if marks.count:
        add_import(
            tree, "from cosyvoice.cli.ttsopt_cosyvoice_sessions import shared_session", marks
        )
