"""cosyvoice/kept-positions: relative attention asks a helper for its projected positions, but in TorchScript."""

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
)

FILES = ("**/transformer/attention.py",)
PATH = "cosyvoice/transformer/attention.py"
HELPER = "cosyvoice/transformer/ttsopt_kept_positions.py"
PLAIN = "self.linear_pos(pos_emb)"
KEPT = f"({PLAIN} if torch.jit.is_scripting() else projected(self.linear_pos, pos_emb))"


def expect(files: Files) -> Expectation:
    """One call in one method, its import, and one new file."""
    reading = edited(files, PATH, _edit, "no relative positions are projected")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "RelPositionMultiHeadedAttention", "forward"):
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == PLAIN:
                node.value = expression(KEPT)
                marks.changed |= set(lines_of(node))
                marks.count += 1
    if marks.count:
        add_import(tree, "from .ttsopt_kept_positions import projected", marks)
