"""cosyvoice/ort-threads: the front end's ONNX sessions take the threads of the process."""

from __future__ import annotations

from oracles.changes import set_threads
from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, methods

FILES = ("**/frontend.py",)
PATH = "cosyvoice/cli/frontend.py"


def expect(files: Files) -> Expectation:
    """One thread in the constructor."""
    return edited(files, PATH, _edit, "no session of one thread is made")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "CosyVoiceFrontEnd", "__init__"):
        set_threads(function, marks)
    if marks.count:
        add_import(tree, "import torch", marks)
