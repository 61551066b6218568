"""cosyvoice/packed-linears: each model packs its three parts once the last is loaded."""

from __future__ import annotations

from oracles.imports import imports_package
from oracles.packed_linears import beside, imported, pack_behind
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module

FILES = ("**/model.py",)
PATH = "cosyvoice/cli/model.py"
CALLS = {"self.hift.to(self.device).eval()": "pack_linears(self.llm, self.flow, self.hift)"}


def expect(files: Files) -> Expectation:
    """The method load of every class that has one."""
    return beside(edited(files, PATH, _edit, "no method load"), "cosyvoice/cli")


def _edit(tree: Module, marks: Marks) -> None:
    for owner in ("CosyVoiceModel", "CosyVoice2Model", "CosyVoice3Model"):
        pack_behind(tree, owner, "load", CALLS, marks)
    # The first versions import nothing of their package.
    imported(tree, marks, "cosyvoice.cli" if imports_package(tree, "cosyvoice") else "")
