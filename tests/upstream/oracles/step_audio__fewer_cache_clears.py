"""step-audio/fewer-cache-clears: encoding a recording does not empty the GPU cache."""

from __future__ import annotations

from oracles.changes import drop
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, methods

FILES = ("**/auto/auto_model.py",)
PATH = "funasr_detach/auto/auto_model.py"


def expect(files: Files) -> Expectation:
    """In `infer_encoder`, which the tokenizer calls, and nowhere else."""
    return edited(files, PATH, _edit, "infer_encoder clears nothing")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "AutoModel", "infer_encoder"):
        drop(function, ["torch.cuda.empty_cache()"], marks)
