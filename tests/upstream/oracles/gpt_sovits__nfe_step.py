"""gpt-sovits/nfe-step: 8 steps where nobody says how many, in TTS.run and in the service before it."""

from __future__ import annotations

import ast

from oracles.changes import defaults, set_number
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    construct,
    definitions,
    methods,
    none,
    other,
    parsed,
)

FILES = ("**/TTS.py", "api_v2.py")
TTS, SERVICE = "GPT_SoVITS/TTS_infer_pack/TTS.py", "api_v2.py"
NAME = "sample_steps"


def expect(files: Files) -> Expectation:
    """The number that `run` falls back to; the field and the parameter of the service, which always passes it."""
    edits = {}
    for path, edit in ((TTS, _run), (SERVICE, _service)):
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        edit(tree, marks)
        if marks.count:
            edits[path] = marks.edit(tree)
    return construct(edits) if edits else none("no steps")


def _run(tree: ast.Module, marks: Marks) -> None:
    for function in methods(tree, "TTS", "run"):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "inputs.get":
                first = node.args[0]
                if isinstance(first, ast.Constant) and first.value == NAME:
                    set_number(node.args[1], 32, 8, marks)


def _service(tree: ast.Module, marks: Marks) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == NAME and node.value:
            set_number(node.value, 32, 8, marks)
    for function in definitions(tree, "tts_get_endpoint"):
        for default in defaults(function, NAME):
            set_number(default, 32, 8, marks)
