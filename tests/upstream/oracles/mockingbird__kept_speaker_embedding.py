"""mockingbird/kept-speaker-embedding: embed_utterance is wrapped by a helper that lies beside the encoder."""

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

FILES = ("**/encoder/inference.py",)
FOLDERS = ("models/encoder", "encoder")
HELPER = "ttsopt_mockingbird_kept_embedding"
STORE = "ttsopt_embedding_store"


def expect(files: Files) -> Expectation:
    """One function, its import, and two new files, whose own tests say what they do."""
    edits: dict[str, FileEdit] = {}
    created: dict[str, str] = {}
    for folder in FOLDERS:
        path = f"{folder}/inference.py"
        tree, marks = parsed(files.get(path, b"")), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        for function in definitions(tree, "embed_utterance"):
            decorate(function, "kept_embedding(lambda: _model, '')", marks)
        if marks.count:
            add_import(
                tree, f"from {folder.replace('/', '.')}.{HELPER} import kept_embedding", marks
            )
            edits[path] = marks.edit(tree)
            created |= {f"{folder}/{name}.py": ANYTHING for name in (HELPER, STORE)}
    return construct(edits, created) if edits else none("no embed_utterance")
