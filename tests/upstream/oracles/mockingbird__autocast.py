"""mockingbird/autocast: HiFi-GAN's infer_waveform runs under a helper that lies beside it."""

from __future__ import annotations

from oracles.changes import decorate
from oracles.imports import add_import
from oracles.reading import (
    ANYTHING,
    Expectation,
    FileEdit,
    Files,
    Marks,
    construct,
    definitions,
    none,
    other,
    parsed,
)

FILES = ("**/hifigan/inference.py",)
HELPER = "ttsopt_mockingbird_autocast"


def expect(files: Files) -> Expectation:
    """One function and an import, and one new file, whose own tests say what it does."""
    edits: dict[str, FileEdit] = {}
    created = {}
    for path, data in files.items():
        tree, folder, marks = parsed(data), path.rpartition("/")[0], Marks()
        if tree is None:
            return other(f"{path} is no Python")
        for function in definitions(tree, "infer_waveform"):
            decorate(function, "half_on_cuda", marks)
        if marks.count:
            add_import(tree, f"from {folder.replace('/', '.')}.{HELPER} import half_on_cuda", marks)
            edits[path] = marks.edit(tree)
            created[f"{folder}/{HELPER}.py"] = ANYTHING
    return construct(edits, created) if edits else none("no HiFi-GAN")
