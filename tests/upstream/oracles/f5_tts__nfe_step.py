"""f5-tts/nfe-step: every default of 32 function evaluations becomes 7, and the slider can show it."""

from __future__ import annotations

import ast

from oracles.changes import defaults, set_number
from oracles.reading import (
    Expectation,
    FileEdit,
    Files,
    Marks,
    construct,
    definitions,
    methods,
    none,
    other,
    parsed,
)

FILES = (
    "**/utils_infer.py",
    "**/infer_gradio.py",
    "**/gradio_app.py",
    "**/inference-cli.py",
    "**/api.py",
    "**/speech_edit.py",
    "**/finetune_gradio.py",
)
# By name, since they moved: `model/` and the top in October 2024, `src/f5_tts/infer/` since.
API, GRADIO, TRAINED = "api.py", "infer_gradio.py", "finetune_gradio.py"
CONSTANTS = ("utils_infer.py", "inference-cli.py", "gradio_app.py", "speech_edit.py")
SLIDER = {"value": (32, 7), "step": (2, 1), "minimum": (4, 1)}


def expect(files: Files) -> Expectation:
    """Constants, defaults of the functions that infer and of the API's class, and what web pages begin with."""
    edits: dict[str, FileEdit] = {}
    for path, data in files.items():
        tree = parsed(data)
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        _edit(path.rpartition("/")[2], tree, marks)
        if marks.count:
            edits[path] = marks.edit(tree)
    return construct(edits) if edits else none("no default of 32 anywhere")


def _edit(name: str, tree: ast.Module, marks: Marks) -> None:
    if name == API:
        bodies = list(methods(tree, "F5TTS", "infer"))
    else:
        bodies = list(definitions(tree, "infer") if name == GRADIO else definitions(tree))
    for function in bodies:
        for default in defaults(function, "nfe_step"):
            set_number(default, 32, 7, marks)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            _assigned(name, node, node.targets[0].id, marks)


def _assigned(file: str, node: ast.Assign, name: str, marks: Marks) -> None:
    if file in CONSTANTS and name == "nfe_step" and node.col_offset == 0:
        set_number(node.value, 32, 7, marks)
    if file == TRAINED and name == "nfe_step" and isinstance(node.value, ast.Call):
        for keyword in node.value.keywords:
            if keyword.arg == "value":
                set_number(keyword.value, 32, 7, marks)
    if file == GRADIO and name == "nfe_slider" and isinstance(node.value, ast.Call):
        for keyword in node.value.keywords:
            if keyword.arg in SLIDER:
                set_number(keyword.value, *SLIDER[keyword.arg], marks)
