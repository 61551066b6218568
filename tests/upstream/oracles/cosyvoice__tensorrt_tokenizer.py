"""cosyvoice/tensorrt-tokenizer: the speech tokenizer's session is made by the helper, of the same arguments."""

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
    spelled,
)

FILES = ("**/frontend.py",)
PATH = "cosyvoice/cli/frontend.py"
HELPERS = ("tensorrt_session", "kernels")
CREATED = {f"cosyvoice/cli/ttsopt_{name}.py": ANYTHING for name in HELPERS}


def expect(files: Files) -> Expectation:
    """The one session that the constructor keeps by that name."""
    reading = edited(files, PATH, _edit, "no session is kept")
    return replace(reading, created=CREATED) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "CosyVoiceFrontEnd", "__init__"):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                target, made = node.targets[0], node.value
                if spelled(target, "self.speech_tokenizer_session") and spelled(
                    made.func, "onnxruntime.InferenceSession"
                ):
                    marks.changed |= set(lines_of(node))
                    marks.count += 1
                    made.args.insert(0, made.func)
                    made.func = expression("session_by_tensorrt")
    if marks.count:
        line = "from cosyvoice.cli.ttsopt_tensorrt_session import session_by_tensorrt"
        add_import(tree, line, marks)
