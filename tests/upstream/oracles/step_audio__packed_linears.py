"""step-audio/packed-linears: FunASR's AutoModel packs its model."""

from __future__ import annotations

from oracles.packed_linears import beside, imported, pack_behind
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module

FILES = ("**/auto_model.py",)
FOLDER = "funasr_detach/auto"


def expect(files: Files) -> Expectation:
    """One statement of the constructor."""
    return beside(edited(files, f"{FOLDER}/auto_model.py", _edit, "no model is kept"), FOLDER)


def _edit(tree: Module, marks: Marks) -> None:
    pack_behind(tree, "AutoModel", "__init__", {"self.model = model": "pack_linears(model)"}, marks)
    imported(tree, marks, "funasr_detach.auto")
