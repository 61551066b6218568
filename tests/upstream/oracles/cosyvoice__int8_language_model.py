"""cosyvoice/int8-language-model: each model quantises its language model once the last part is loaded."""

from __future__ import annotations

from oracles.imports import imports_package
from oracles.packed_linears import beside, imported, pack_behind
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module

FILES = ("**/model.py",)
PATH = "cosyvoice/cli/model.py"
CALLS = {"self.hift.to(self.device).eval()": "quantise_linears(self.llm.llm)"}
HELPERS = (
    "ttsopt_int8_linears",
    "ttsopt_fused_modules",
    "ttsopt_kernels",
    "ttsopt_digits",
    "ttsopt_products",
)


def expect(files: Files) -> Expectation:
    """The method load of every class that has one."""
    return beside(edited(files, PATH, _edit, "no method load"), "cosyvoice/cli", HELPERS)


def _edit(tree: Module, marks: Marks) -> None:
    for owner in ("CosyVoiceModel", "CosyVoice2Model", "CosyVoice3Model"):
        pack_behind(tree, owner, "load", CALLS, marks)
    # The first versions import nothing of their package.
    package = "cosyvoice.cli" if imports_package(tree, "cosyvoice") else ""
    imported(tree, marks, package, HELPERS[0], "quantise_linears")
