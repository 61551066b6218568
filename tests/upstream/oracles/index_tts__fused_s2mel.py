"""index-tts/fused-s2mel: the classes of 2 and 2.5 fuse their flow once the vocoder is there."""

from __future__ import annotations

from oracles.index_tts import PATHS
from oracles.packed_linears import beside, imported, pack_behind
from oracles.reading import Expectation, Files, Marks, construct, none, other, parsed

FILES = ("**/infer_v2*.py",)
HELPERS = (
    "ttsopt_fused_s2mel",
    "ttsopt_fused_modules",
    "ttsopt_s2mel_block",
    "ttsopt_attention",
    "ttsopt_kernels",
    "ttsopt_digits",
    "ttsopt_products",
)


def expect(files: Files) -> Expectation:
    """The constructors of both; 1.x has no flow."""
    edits = {}
    for path in PATHS[1:]:
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        calls = {"self.bigvgan.eval()": "fuse_s2mel(self.s2mel)"}
        pack_behind(tree, "IndexTTS2", "__init__", calls, marks)
        imported(tree, marks, "indextts", HELPERS[0], "fuse_s2mel")
        if marks.count:
            edits[path] = marks.edit(tree)
    return beside(construct(edits), "indextts", HELPERS) if edits else none("no flow")
