"""index-tts/flow-graph: the classes of 2 and 2.5 graph their flow once the vocoder is there."""

from __future__ import annotations

from oracles.index_tts import PATHS
from oracles.packed_linears import beside, imported, pack_behind
from oracles.reading import Expectation, Files, Marks, construct, none, other, parsed

FILES = ("**/infer_v2*.py",)
HELPERS = ("ttsopt_flow_graphs", "ttsopt_graphed_module", "ttsopt_graphs")
CALLS = {"self.bigvgan.eval()": "graph_flow(self.s2mel)"}


def expect(files: Files) -> Expectation:
    """The constructors of both; 1.x has no flow."""
    edits = {}
    for path in PATHS[1:]:
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        pack_behind(tree, "IndexTTS2", "__init__", CALLS, marks)
        imported(tree, marks, "indextts", HELPERS[0], "graph_flow")
        if marks.count:
            edits[path] = marks.edit(tree)
    return beside(construct(edits), "indextts", HELPERS) if edits else none("no flow")
