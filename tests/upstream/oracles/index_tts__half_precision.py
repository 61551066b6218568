"""index-tts/half-precision: IndexTTS2 takes float16 by default, as 1.x does."""

from __future__ import annotations

import ast

from oracles.changes import defaults, set_number
from oracles.python_file import edited
from oracles.reading import (
    CONSTRUCT,
    Expectation,
    Files,
    Marks,
    Module,
    already,
    methods,
    parsed,
)

FILES = ("**/infer*.py",)
FIRST = "indextts/infer.py"
SECOND = "indextts/infer_v2.py"


def expect(files: Files) -> Expectation:
    """The constructor's parameter, by either of its names."""
    reading = edited(files, SECOND, _edit, "no default of False")
    if reading.kind != CONSTRUCT and SECOND not in files and _is_on(files.get(FIRST, b"")):
        return already("IndexTTS 1.x, where it is on")
    return reading


def _edit(tree: Module, marks: Marks) -> None:
    for default in _defaults(tree, "IndexTTS2"):
        set_number(default, False, True, marks)


def _defaults(tree: Module, name: str) -> list[ast.expr]:
    return [
        default
        for function in methods(tree, name, "__init__")
        for parameter in ("is_fp16", "use_fp16")
        for default in defaults(function, parameter)
    ]


def _is_on(data: bytes) -> bool:
    tree = parsed(data)
    values = _defaults(tree, "IndexTTS") if tree else []
    return any(isinstance(one, ast.Constant) and one.value is True for one in values)
