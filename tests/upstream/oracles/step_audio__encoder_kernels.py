"""step-audio/encoder-kernels: FunASR's AutoModel quickens the linear layers of its model."""

from __future__ import annotations

from oracles.packed_linears import beside, imported, pack_behind
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module

FILES = ("**/auto_model.py",)
FOLDER = "funasr_detach/auto"
HELPERS = (
    "ttsopt_encoder_kernels",
    "ttsopt_fused_modules",
    "ttsopt_int8_linears",
    "ttsopt_kernels",
    "ttsopt_digits",
    "ttsopt_products",
)


def expect(files: Files) -> Expectation:
    """One statement of the constructor."""
    reading = edited(files, f"{FOLDER}/auto_model.py", _edit, "no model is kept")
    return beside(reading, FOLDER, HELPERS)


def _edit(tree: Module, marks: Marks) -> None:
    calls = {"self.model = model": "quicken_linears(model)"}
    pack_behind(tree, "AutoModel", "__init__", calls, marks)
    imported(tree, marks, "funasr_detach.auto", HELPERS[0], "quicken_linears")
