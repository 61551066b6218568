"""index-tts/kept-conditioning: what is made of a voice is kept by a decorator, in GPTs and the vocoder of 1.x."""

from __future__ import annotations

from oracles.imports import add_import, imports_package
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    Module,
    construct,
    expression,
    methods,
    none,
    other,
    parsed,
)

PLACES = {
    "indextts/gpt/model.py": ("UnifiedVoice", "get_conditioning"),
    "indextts/gpt/model_v2.py": ("UnifiedVoice", "get_conditioning"),
    "indextts/BigVGAN/ECAPA_TDNN.py": ("ECAPA_TDNN", "forward"),
}
FILES = (
    "**/gpt/model.py",
    "**/gpt/model_v2.py",
    "**/BigVGAN/ECAPA_TDNN.py",
    "indextts/__init__.py",
)
NAME = "kept_conditioning"


def expect(files: Files) -> Expectation:
    """One decorator in each file that is there, its import, and the helper beside."""
    edits, created = {}, {}
    for path, (owner, method) in PLACES.items():
        tree, marks = parsed(files.get(path, b"")), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        for function in methods(tree, owner, method):
            marks.inserted.add(function.lineno - 1)
            marks.count += 1
            function.decorator_list.insert(0, expression(NAME))
        if marks.count:
            folder = path.rpartition("/")[0]
            add_import(tree, f"from {_package(tree, folder)}.ttsopt_{NAME} import {NAME}", marks)
            edits[path], created[f"{folder}/ttsopt_{NAME}.py"] = marks.edit(tree), ANYTHING
    return construct(edits, created) if edits else none("no voice is encoded")


def _package(tree: Module, folder: str) -> str:
    """As the file names its own folder: on one day below `indextts`, since then with it, or not at all."""
    names = (folder.rpartition("/")[2], folder.replace("/", "."))
    return next((one for one in names if imports_package(tree, one.partition(".")[0])), "")
