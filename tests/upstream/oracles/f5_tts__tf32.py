"""f5-tts/tf32: both TF32 switches are turned on right after torch is imported."""

from __future__ import annotations

from oracles.imports import after_import
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, other

FILES = ("**/utils_infer.py",)
# It moved: `model/` at the top and then in the package, in October 2024; `infer/` since.
PATHS = (
    "src/f5_tts/infer/utils_infer.py",
    "src/f5_tts/model/utils_infer.py",
    "model/utils_infer.py",
)
SWITCHES = """
torch.backends.cuda.matmul.allow_tf32 = True
torch.backends.cudnn.allow_tf32 = True
"""


def expect(files: Files) -> Expectation:
    """One place: below `import torch`."""
    path = next((path for path in PATHS if path in files), PATHS[0])
    if b"allow_tf32" in files.get(path, b""):
        return other("sets a switch itself")
    return edited(files, path, _edit, "torch is not imported")


def _edit(tree: Module, marks: Marks) -> None:
    after_import(tree, "torch", SWITCHES, marks)
