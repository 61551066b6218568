"""gpt-sovits/fewer-cache-clears: a run does not end with a collection and an emptied cache."""

from __future__ import annotations

from oracles.changes import drop
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, methods

FILES = ("**/TTS.py",)
PATH = "GPT_SoVITS/TTS_infer_pack/TTS.py"


def expect(files: Files) -> Expectation:
    """Only in `run`: a vocoder that is exchanged still gives its memory back."""
    return edited(files, PATH, _edit, "run clears nothing")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "TTS", "run"):
        drop(function, ["self.empty_cache()", "torch.cuda.empty_cache()", "gc.collect()"], marks)
