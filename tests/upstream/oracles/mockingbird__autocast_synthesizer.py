"""mockingbird/autocast-synthesizer: the speaker encoder and Tacotron run under a helper that lies beside each."""

from __future__ import annotations

from oracles.changes import Function, decorate
from oracles.imports import add_import
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    Module,
    construct,
    definitions,
    methods,
    none,
    other,
    parsed,
)

FILES = ("**/encoder/inference.py", "**/synthesizer/inference.py")
FOLDERS = (("models/encoder", "models/synthesizer"), ("encoder", "synthesizer"))
HELPER = "ttsopt_mockingbird_autocast"


def expect(files: Files) -> Expectation:
    """One function in each of two files, which moved together; and two new files."""
    edits, created = {}, {}
    for folder in sum(FOLDERS, ()):
        path = f"{folder}/inference.py"
        tree, marks = parsed(files.get(path, b"")), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        for function in _wanted(folder, tree):
            decorate(function, "half_on_cuda", marks)
        if marks.count:
            add_import(tree, f"from {folder.replace('/', '.')}.{HELPER} import half_on_cuda", marks)
            edits[path] = marks.edit(tree)
            created[f"{folder}/{HELPER}.py"] = ANYTHING
    return construct(edits, created) if edits else none("neither of the two functions")


def _wanted(folder: str, tree: Module) -> list[Function]:
    if folder.endswith("encoder"):
        return list(definitions(tree, "embed_frames_batch"))
    return list(methods(tree, "Synthesizer", "synthesize_spectrograms"))
