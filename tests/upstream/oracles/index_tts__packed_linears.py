"""index-tts/packed-linears: each of the three classes packs its models once the vocoder is there."""

from __future__ import annotations

from oracles.imports import add_import, imports_package
from oracles.index_tts import PATHS
from oracles.packed_linears import HELPER, beside, imported, pack_behind
from oracles.reading import Expectation, Files, Marks, construct, none, other, parsed

INIT = "indextts/__init__.py"  # which the first days lack
FILES = ("**/infer*.py", INIT)
FIRST = "pack_linears(self.gpt)"
LATER = "pack_linears(self.gpt, self.semantic_model, self.semantic_codec, self.s2mel)"


def expect(files: Files) -> Expectation:
    """The constructors, of 1.x with the GPT alone."""
    edits = {}
    for path in PATHS:
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        owner, call = ("IndexTTS", FIRST) if path == PATHS[0] else ("IndexTTS2", LATER)
        pack_behind(tree, owner, "__init__", {"self.bigvgan.eval()": call}, marks)
        if marks.count and imports_package(tree, "utils"):  # on two days, when scripts lay here
            add_import(tree, f"from {HELPER} import pack_linears", marks)
        else:
            imported(tree, marks, "indextts")
        if marks.count:
            edits[path] = marks.edit(tree)
    return beside(construct(edits), "indextts") if edits else none("no vocoder")
