"""cosyvoice/masks-without-waiting: rows that hide everything are opened in place, and no `if` asks for them."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    blocks,
    definitions,
    lines_of,
    spelled,
    statements,
)

FILES = ("**/utils/mask.py",)
PATH = "cosyvoice/utils/mask.py"
ASKED = "(chunk_masks.sum(dim=-1) == 0).sum().item() != 0"
SET = "chunk_masks[chunk_masks.sum(dim=-1) == 0] = True"
OPENED = "chunk_masks.logical_or_(chunk_masks.sum(dim=-1, keepdim=True) == 0)"


def expect(files: Files) -> Expectation:
    """One `if` of one function; versions before it have nothing that waits."""
    return edited(files, PATH, _edit, "no question for rows that hide everything")


def _edit(tree: Module, marks: Marks) -> None:
    for function in definitions(tree, "add_optional_chunk_mask"):
        for block in blocks(function):
            for at, node in enumerate(block):
                if isinstance(node, ast.If) and _asks(node):
                    block[at : at + 1] = statements(OPENED)
                    marks.changed |= set(lines_of(node))
                    marks.count += 1


def _asks(node: ast.If) -> bool:
    """Whether it does nothing but say so and open the rows, whatever says it."""
    if not spelled(node.test, ASKED) or len(node.body) != 2 or node.orelse:
        return False
    said, opened = node.body
    return isinstance(said, ast.Expr) and isinstance(said.value, ast.Call) and spelled(opened, SET)
