"""step-audio/fewer-cache-clears: encoding a recording empties the GPU cache only where memory is short."""

from __future__ import annotations

from oracles.cache_clears import CLEAR, beside, imported, soften
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, methods

FILES = ("**/auto/auto_model.py",)
PATH = "funasr_detach/auto/auto_model.py"


def expect(files: Files) -> Expectation:
    """In `infer_encoder`, which the tokenizer calls, and nowhere else."""
    reading = edited(files, PATH, _edit, "infer_encoder clears nothing")
    return beside(reading, "funasr_detach/auto")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "AutoModel", "infer_encoder"):
        soften(function, [CLEAR], marks)
    imported(tree, marks, "funasr_detach.auto")
