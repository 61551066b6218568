"""mockingbird/packed-linears: the synthesiser packs Tacotron once it is loaded."""

from __future__ import annotations

from oracles.imports import add_import
from oracles.packed_linears import HELPER, pack_behind
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    construct,
    none,
    other,
    parsed,
)

FILES = ("**/synthesizer/inference.py",)
FOLDERS = ("models/synthesizer", "synthesizer")
CALLS = {"self._model.eval()": "pack_linears(self._model)"}


def expect(files: Files) -> Expectation:
    """One statement of one method, its import, and the helper."""
    edits, created = {}, {}
    for folder in FOLDERS:
        path = f"{folder}/inference.py"
        tree, marks = parsed(files.get(path, b"")), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        pack_behind(tree, "Synthesizer", "load", CALLS, marks)
        if marks.count:
            add_import(tree, f"from {folder.replace('/', '.')}.{HELPER} import pack_linears", marks)
            edits[path] = marks.edit(tree)
            created[f"{folder}/{HELPER}.py"] = ANYTHING
    return construct(edits, created) if edits else none("no model is made ready")
