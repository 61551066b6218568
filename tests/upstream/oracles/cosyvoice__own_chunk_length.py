"""cosyvoice/own-chunk-length: a stream lengthens its chunks on a copy of the model's attributes."""

from __future__ import annotations

from oracles.imports import add_import
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
GROWN = "self.token_hop_len = min(self.token_max_hop_len, self.token_hop_len * self.stream_scale_factor)"


def expect(files: Files) -> Expectation:
    """Where the attribute is set in a stream; a local variable, as CosyVoice 1 has it, is a stream's own."""
    return edited(files, PATH, _edit, "no stream changes the model's chunk length")


def _edit(tree: Module, marks: Marks) -> None:
    for model in ("CosyVoice2Model", "CosyVoice3Model"):
        for function in methods(tree, model, "tts"):
            for block in list(blocks(function)):
                for index, node in reversed(list(enumerate(block))):
                    if spelled(node, GROWN):
                        marks.changed |= set(lines_of(node))
                        marks.count += 1
                        block[index:index] = statements("self = copy.copy(self)")
    if marks.count:
        add_import(tree, "import copy", marks)
