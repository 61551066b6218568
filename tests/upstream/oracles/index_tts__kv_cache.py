"""index-tts/kv-cache: IndexTTS has the KV cache in float32 too, at the positions that it had without."""

from __future__ import annotations

import ast
from dataclasses import replace

from oracles.changes import set_number
from oracles.imports import add_import, imports_package
from oracles.python_file import edited
from oracles.reading import (
    ANYTHING,
    CONSTRUCT,
    Expectation,
    Files,
    Marks,
    Module,
    already,
    blocks,
    lines_of,
    methods,
    parsed,
    statements,
)

FILES = ("**/infer*.py",)
FIRST = "indextts/infer.py"
HELPER = "ttsopt_index_tts_positions"


def expect(files: Files) -> Expectation:
    """One keyword of the call that is made where float16 is off, and a statement behind it."""
    reading = edited(files, FIRST, _edit, "no cache that is left off")
    tree = parsed(files.get(FIRST, b""))
    if reading.kind != CONSTRUCT:
        return already("it is on in both cases") if tree is not None and _calls(tree) else reading
    return replace(reading, created={f"indextts/{HELPER}.py": ANYTHING})


def _edit(tree: Module, marks: Marks) -> None:
    for block, statement in _calls(tree):
        before = marks.count
        assert isinstance(statement.value, ast.Call)
        for keyword in statement.value.keywords:
            if keyword.arg == "kv_cache":
                set_number(keyword.value, False, True, marks)
        if marks.count > before:
            at = block.index(statement) + 1
            block[at:at] = statements("positions_without_cache(self.gpt.inference_model)")
            marks.inserted.add(max(lines_of(statement)))
            marks.count += 1
    if marks.count:
        where = "" if imports_package(tree, "utils") else "indextts."  # scripts, on two days
        code = f"from {where}{HELPER} import positions_without_cache"
        add_import(tree, code, marks, "indextts")


def _calls(tree: Module) -> list[tuple[list[ast.stmt], ast.Expr]]:
    return [
        (block, node)
        for function in methods(tree, "IndexTTS", "__init__")
        for block in blocks(function)
        for node in block
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "self.gpt.post_init_gpt2_config"
        and "half=False" in ast.unparse(node)
    ]
