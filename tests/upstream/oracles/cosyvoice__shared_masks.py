"""cosyvoice/shared-masks: a block of the estimators of CosyVoice 1 and 2 asks a helper for its mask."""

from __future__ import annotations

import ast
from dataclasses import replace

from oracles.imports import add_import, imports_package
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
    statements,
)

FILES = ("**/flow/decoder.py",)
PATH = "cosyvoice/flow/decoder.py"
HELPER = "cosyvoice/flow/ttsopt_cosyvoice_masks.py"
OWNERS = ("ConditionalDecoder", "CausalConditionalDecoder")


def expect(files: Files) -> Expectation:
    """Assignments of `attn_mask` in the methods `forward`, a dict above them, an import, and one new file."""
    reading = edited(files, PATH, _edit, "no mask of chunks in an estimator")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for owner in OWNERS:
        for function in methods(tree, owner, "forward"):
            _ask_first(function, marks)
    if marks.count:
        package = "cosyvoice.flow" if imports_package(tree, "cosyvoice") else ""
        add_import(tree, f"from {package}.ttsopt_cosyvoice_masks import made_once", marks)


def _ask_first(function: ast.FunctionDef | ast.AsyncFunctionDef, marks: Marks) -> None:
    assigned = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
    masks = [node for node in assigned if ast.unparse(node.targets[0]) == "attn_mask"]
    made = [(node, source) for node in masks if (source := _source(node.value))]
    for node, source in made:
        text = f"made_once(masks_made, {source}, x, lambda: {ast.unparse(node.value)})"
        node.value = expression(text)
        marks.changed |= set(lines_of(node))
        marks.count += 1
    if made:
        (at,) = [n for n, node in enumerate(function.body) if spelled(node, "hiddens = []")]
        marks.inserted.add(function.body[at].lineno - 1)
        function.body[at:at] = statements("masks_made = {}")


def _source(value: ast.expr) -> str:
    """The tensor that a mask is made of; empty for what is made otherwise."""
    text = ast.unparse(value)
    if text.startswith("mask_to_bias("):
        return "attn_mask"
    if text.startswith("add_optional_chunk_mask(x, "):
        return text.removeprefix("add_optional_chunk_mask(x, ").partition(".bool()")[0]
    return ""
