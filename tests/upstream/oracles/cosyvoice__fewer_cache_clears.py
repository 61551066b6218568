"""cosyvoice/fewer-cache-clears: no call empties the GPU cache, nor waits because of that."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, blocks, lines_of, methods, spelled

FILES = ("**/cli/model.py",)
PATH = "cosyvoice/cli/model.py"
MODELS = ("CosyVoiceModel", "CosyVoice2Model", "CosyVoice3Model")
CLEAR = "torch.cuda.empty_cache()"
WAITS = ("torch.cuda.current_stream().synchronize()", "torch.cuda.synchronize()")


def expect(files: Files) -> Expectation:
    """In `tts`, `vc` and, in the first days, `inference`."""
    return edited(files, PATH, _edit, "no call ends with a clear")


def _edit(tree: Module, marks: Marks) -> None:
    for model in MODELS:
        for function in methods(tree, model, "tts", "vc", "inference"):
            for block in list(blocks(function)):
                _without_clear(block, marks)
            for block in list(blocks(function)):
                _without_test(block, marks)


def _without_clear(block: list[ast.stmt], marks: Marks) -> None:
    """Take out the clear, and the wait right behind it."""
    index = 0
    while index < len(block):
        if not spelled(block[index], CLEAR):
            index += 1
            continue
        marks.count += 1
        _take(block, index, marks)
        if index < len(block) and any(spelled(block[index], wait) for wait in WAITS):
            _take(block, index, marks)


def _without_test(block: list[ast.stmt], marks: Marks) -> None:
    """Take out an `if` that has nothing left to guard."""
    for index in reversed(range(len(block))):
        node = block[index]
        if isinstance(node, ast.If) and not node.body and not node.orelse:
            assert spelled(node.test, "torch.cuda.is_available()")
            _take(block, index, marks)


def _take(block: list[ast.stmt], index: int, marks: Marks) -> None:
    marks.dropped |= set(lines_of(block[index]))
    del block[index]
