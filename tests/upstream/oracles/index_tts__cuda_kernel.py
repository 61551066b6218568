"""index-tts/cuda-kernel: the vocoder of IndexTTS2 (infer_v2.py) is built with what the constructor found out."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import (
    CONSTRUCT,
    Expectation,
    Files,
    Marks,
    Module,
    already,
    expression,
    lines_of,
    methods,
    parsed,
)

FILES = ("**/infer*.py",)
SECOND = "indextts/infer_v2.py"
FOUND = "self.use_cuda_kernel"


def expect(files: Files) -> Expectation:
    """One keyword of one call."""
    reading = edited(files, SECOND, _edit, "no vocoder that could have the kernel")
    tree = parsed(files.get(SECOND, b""))
    passed = [ast.unparse(one.value) for one in _keywords(tree)] if tree else []
    if reading.kind != CONSTRUCT and passed == [FOUND]:
        return already("it is passed")
    return reading


def _edit(tree: Module, marks: Marks) -> None:
    for keyword in _keywords(tree):
        if ast.unparse(keyword.value) in {"False", f"True if {FOUND} else False"}:
            marks.changed |= set(lines_of(keyword.value))
            marks.count += 1
            keyword.value = expression(FOUND)


def _keywords(tree: Module) -> list[ast.keyword]:
    return [
        keyword
        for function in methods(tree, "IndexTTS2", "__init__")
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "bigvgan.BigVGAN.from_pretrained"
        for keyword in call.keywords
        if keyword.arg == "use_cuda_kernel"
    ]
