"""cosyvoice/flow-graph: each model hands its flow to the helper once the last of its three parts is loaded."""

from __future__ import annotations

from oracles.imports import imports_package
from oracles.packed_linears import beside, imported, pack_behind
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module

FILES = ("**/model.py",)
PATH = "cosyvoice/cli/model.py"
CALLS = {"self.hift.to(self.device).eval()": "graph_flow(self.flow)"}
HELPERS = ("ttsopt_flow_graphs", "ttsopt_graphed_module", "ttsopt_graphs")


def expect(files: Files) -> Expectation:
    """The method load of every class that has one."""
    return beside(edited(files, PATH, _edit, "no method load"), "cosyvoice/cli", HELPERS)


def _edit(tree: Module, marks: Marks) -> None:
    for owner in ("CosyVoiceModel", "CosyVoice2Model", "CosyVoice3Model"):
        pack_behind(tree, owner, "load", CALLS, marks)
    # The first versions import nothing of their package.
    package = "cosyvoice.cli" if imports_package(tree, "cosyvoice") else ""
    imported(tree, marks, package, HELPERS[0], "graph_flow")
