"""index-tts/fewer-cache-clears: no method that speaks empties the GPU cache."""

from __future__ import annotations

import ast

from oracles.changes import drop
from oracles.index_tts import edited_modules
from oracles.reading import Expectation, Files, Marks

FILES = ("**/infer*.py",)


def expect(files: Files) -> Expectation:
    """Directly, or through the class's own method, which stays."""
    return edited_modules(files, _edit, "no clear while it speaks")


def _edit(function: ast.AST, marks: Marks) -> None:
    drop(function, ["torch.cuda.empty_cache()", "self.torch_empty_cache()"], marks)
