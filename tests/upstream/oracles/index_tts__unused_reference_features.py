"""index-tts/unused-reference-features: a voice's features are not computed a second time."""

from __future__ import annotations

from oracles.changes import drop
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, methods

FILES = ("**/infer_v2_5.py",)
UNUSED = "S_ref = self.get_emb(input_features, attention_mask)"


def expect(files: Files) -> Expectation:
    """One statement of the file that speaks."""
    return edited(files, "indextts/infer_v2_5.py", _edit, "computed once")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "IndexTTS2", "infer_generator"):
        drop(function, {UNUSED}, marks)
