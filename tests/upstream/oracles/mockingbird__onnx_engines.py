"""mockingbird/onnx-engines: encoder and HiFi-GAN are handed to the helper once they are loaded."""

from __future__ import annotations

from oracles.imports import add_import
from oracles.packed_linears import put_behind
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

FILES = ("**/encoder/inference.py", "**/vocoder/hifigan/inference.py")
PLACES = {
    "encoder": {"_model.eval()": "run_by_engine(_model)"},
    "vocoder/hifigan": {"generator.remove_weight_norm()": "run_by_engine(generator)"},
}
HELPERS = (
    "ttsopt_onnx_engine",
    "ttsopt_graphs",
    "ttsopt_kernels",
    "ttsopt_tensorrt_session",
)


def expect(files: Files) -> Expectation:
    """One statement of a function in each of two files, the imports, and the helpers beside both."""
    edits: dict[str, FileEdit] = {}
    created: dict[str, str] = {}
    for top in ("models/", ""):
        for place, calls in PLACES.items():
            folder = top + place
            path = f"{folder}/inference.py"
            if path not in files:
                continue
            edit = _edit(files[path], folder, calls)
            if edit is None:
                return other(f"{path} is no Python")
            if edit.count:
                edits[path] = edit
                created |= {f"{folder}/{helper}.py": ANYTHING for helper in HELPERS}
    return construct(edits, created) if edits else none("no model is made ready")


def _edit(data: bytes, folder: str, calls: dict[str, str]) -> FileEdit | None:
    tree, marks = parsed(data), Marks()
    if tree is None:
        return None
    for function in definitions(tree, "load_model"):
        put_behind(function, calls, marks)
    if marks.count:
        module = f"{folder.replace('/', '.')}.{HELPERS[0]}"
        add_import(tree, f"from {module} import run_by_engine", marks)
    return marks.edit(tree)
