"""step-audio/tf32: both TF32 switches are turned on right after torch is imported."""

from __future__ import annotations

from oracles.imports import after_import
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, other

FILES = ("tokenizer.py",)
PATH = "tokenizer.py"
SWITCHES = """
torch.backends.cuda.matmul.allow_tf32 = True
torch.backends.cudnn.allow_tf32 = True
"""


def expect(files: Files) -> Expectation:
    """One place: below `import torch`."""
    if b"allow_tf32" in files.get(PATH, b""):
        return other("sets a switch itself")
    return edited(files, PATH, _edit, "torch is not imported")


def _edit(tree: Module, marks: Marks) -> None:
    after_import(tree, "torch", SWITCHES, marks)
