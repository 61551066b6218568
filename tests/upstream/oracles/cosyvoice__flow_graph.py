"""cosyvoice/flow-graph: each model hands its flow to the helper once the last of its three parts is loaded.

It needs cosyvoice/masks-without-waiting, and no commit has what that one puts in: so it must leave every version
as it was committed, and say so.
"""

from __future__ import annotations

import ast

from oracles.imports import imports_package
from oracles.packed_linears import beside, imported, pack_behind
from oracles.python_file import edited
from oracles.reading import CONSTRUCT, Expectation, Files, Marks, Module, other, parsed, spelled

FILES = ("**/model.py", "**/utils/mask.py")
PATH = "cosyvoice/cli/model.py"
MASKS = "cosyvoice/utils/mask.py"
OPENED = "chunk_masks.logical_or_(chunk_masks.sum(dim=-1, keepdim=True) == 0)"
CALLS = {"self.hift.to(self.device).eval()": "graph_flow(self.flow)"}
HELPERS = ("ttsopt_flow_graphs", "ttsopt_graphed_module", "ttsopt_graphs")


def expect(files: Files) -> Expectation:
    """The method load of every class that has one; nothing where a mask may wait."""
    reading = edited(files, PATH, _edit, "no method load")
    if reading.kind == CONSTRUCT and not _opened(files.get(MASKS, b"")):
        return other("masks are as committed: the need for those that do not wait must hold")
    return beside(reading, "cosyvoice/cli", HELPERS)


def _opened(data: bytes) -> bool:
    tree = parsed(data)
    return tree is not None and any(spelled(node, OPENED) for node in ast.walk(tree))


def _edit(tree: Module, marks: Marks) -> None:
    for owner in ("CosyVoiceModel", "CosyVoice2Model", "CosyVoice3Model"):
        pack_behind(tree, owner, "load", CALLS, marks)
    # The first versions import nothing of their package.
    package = "cosyvoice.cli" if imports_package(tree, "cosyvoice") else ""
    imported(tree, marks, package, HELPERS[0], "graph_flow")
