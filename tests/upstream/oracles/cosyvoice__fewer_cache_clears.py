"""cosyvoice/fewer-cache-clears: a call empties the GPU cache, and waits for it, only where memory is short."""

from __future__ import annotations

import ast

from oracles.cache_clears import CLEAR, beside, imported, soften
from oracles.imports import imports_package
from oracles.python_file import edited
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    blocks,
    lines_of,
    methods,
    spelled,
    statements,
)

FILES = ("**/cli/model.py",)
PATH = "cosyvoice/cli/model.py"
MODELS = ("CosyVoiceModel", "CosyVoice2Model", "CosyVoice3Model")
WAITS = ("torch.cuda.current_stream().synchronize()", "torch.cuda.synchronize()")


def expect(files: Files) -> Expectation:
    """In `tts`, `vc` and, in the first days, `inference`."""
    return beside(edited(files, PATH, _edit, "no call ends with a clear"), "cosyvoice/cli")


def _edit(tree: Module, marks: Marks) -> None:
    for model in MODELS:
        for function in methods(tree, model, "tts", "vc", "inference"):
            for block in list(blocks(function)):
                _without_test(block, marks)
            soften(function, [CLEAR], marks)
    # The first versions import nothing of their package.
    imported(tree, marks, "cosyvoice.cli" if imports_package(tree, "cosyvoice") else "")


def _without_test(block: list[ast.stmt], marks: Marks) -> None:
    """Put the call in the place of an `if` that guards a clear and the wait behind it."""
    for index, node in enumerate(block):
        if isinstance(node, ast.If) and len(node.body) > 1 and not node.orelse:
            clear, wait, *rest = node.body
            if spelled(clear, CLEAR) and ast.unparse(wait) in WAITS and not rest:
                assert spelled(node.test, "torch.cuda.is_available()")
                marks.changed |= set(lines_of(node))
                marks.count += 1
                block[index] = statements("clear_if_low(torch.cuda.empty_cache, 0.1)")[0]
