"""index-tts/kv-cache: IndexTTS (infer.py) has the KV cache in float32 too."""

from __future__ import annotations

import ast

from oracles.changes import set_number
from oracles.python_file import edited
from oracles.reading import CONSTRUCT, Expectation, Files, Marks, Module, already, methods, parsed

FILES = ("**/infer*.py",)
FIRST = "indextts/infer.py"


def expect(files: Files) -> Expectation:
    """One keyword of the call that is made where float16 is off."""
    reading = edited(files, FIRST, _edit, "no cache that is left off")
    tree = parsed(files.get(FIRST, b""))
    if reading.kind != CONSTRUCT and tree is not None and _caches(tree):
        return already("it is on in both cases")
    return reading


def _edit(tree: Module, marks: Marks) -> None:
    for value in _caches(tree):
        set_number(value, False, True, marks)


def _caches(tree: Module) -> list[ast.expr]:
    return [
        keyword.value
        for function in methods(tree, "IndexTTS", "__init__")
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "self.gpt.post_init_gpt2_config"
        and "half=False" in ast.unparse(call)
        for keyword in call.keywords
        if keyword.arg == "kv_cache"
    ]
