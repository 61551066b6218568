"""index-tts/int8-gpt: each of the three classes quantises its GPT once the vocoder is there."""

from __future__ import annotations

from oracles.imports import add_import, imports_package
from oracles.index_tts import PATHS
from oracles.packed_linears import beside, imported, pack_behind
from oracles.reading import Expectation, Files, Marks, construct, none, other, parsed

INIT = "indextts/__init__.py"  # which the first days lack
FILES = ("**/infer*.py", INIT)
HELPERS = (
    "ttsopt_int8_linears",
    "ttsopt_fused_modules",
    "ttsopt_kernels",
    "ttsopt_products",
    "ttsopt_digits",
)
CALLS = {"self.bigvgan.eval()": "quantise_linears(self.gpt.gpt)"}


def expect(files: Files) -> Expectation:
    """The constructors."""
    edits = {}
    for path in PATHS:
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        owner = "IndexTTS" if path == PATHS[0] else "IndexTTS2"
        pack_behind(tree, owner, "__init__", CALLS, marks)
        if marks.count and imports_package(tree, "utils"):  # on two days, when scripts lay here
            add_import(tree, f"from {HELPERS[0]} import quantise_linears", marks)
        else:
            imported(tree, marks, "indextts", HELPERS[0], "quantise_linears")
        if marks.count:
            edits[path] = marks.edit(tree)
    return beside(construct(edits), "indextts", HELPERS) if edits else none("no vocoder")
