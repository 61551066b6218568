"""gpt-sovits/short-bert: the three functions that take features from BERT ask a helper for its hidden states."""

from __future__ import annotations

import ast

from oracles.imports import add_import
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    construct,
    definitions,
    expression,
    lines_of,
    none,
    other,
    parsed,
)

FILES = ("**/TextPreprocessor.py", "**/inference_webui.py", "api.py")
PIPELINE = "GPT_SoVITS/TTS_infer_pack/TextPreprocessor.py"
PATHS = (PIPELINE, "GPT_SoVITS/inference_webui.py", "api.py")
HELPER = "ttsopt_gpt_sovits_bert"


def expect(files: Files) -> Expectation:
    """`res = MODEL(**inputs, output_hidden_states=True)` in `get_bert_feature`, and a helper beside each."""
    edits, created = {}, {}
    for path in PATHS:
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        _edit(tree, marks)
        if marks.count:
            package = (
                "TTS_infer_pack" if path == PIPELINE else ""
            )  # the others import by bare names
            where = f"{package}.{HELPER}" if package else HELPER
            # api.py puts its folder on the path before it imports config.py and tools from there.
            add_import(tree, f"from {where} import hidden_states", marks, package or "config tools")
            edits[path] = marks.edit(tree)
            folder = path[: path.rfind("/") + 1]
            created[f"{folder}{HELPER}.py"] = ANYTHING
    return construct(edits, created) if edits else none("no BERT")


def _edit(tree: ast.Module, marks: Marks) -> None:
    for function in definitions(tree, "get_bert_feature"):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and any(
                one.arg == "output_hidden_states" for one in node.keywords
            ):
                node.args = [node.func, expression("inputs")]
                node.func, node.keywords = expression("hidden_states"), []
                marks.changed |= set(lines_of(node))
                marks.count += 1
