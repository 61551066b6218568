"""gpt-sovits/fewer-cache-clears: a run, and the CUDA-graph decoder, empty the cache only where memory is short."""

from __future__ import annotations

import ast

from oracles.cache_clears import CLEAR, beside, imported, soften
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    construct,
    methods,
    none,
    other,
    parsed,
)

FILES = ("**/TTS.py", "**/t2s_model_cudagraph.py")
PATH = "GPT_SoVITS/TTS_infer_pack/TTS.py"
DECODER = "GPT_SoVITS/AR/models/t2s_model_cudagraph.py"


def expect(files: Files) -> Expectation:
    """In TTS only in `run`: a vocoder that is exchanged still gives its memory back."""
    edits = {}
    for path, edit, package in ((PATH, _run, "TTS_infer_pack"), (DECODER, _decode, "AR.models")):
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        edit(tree, marks)
        imported(tree, marks, package)
        if marks.count:
            edits[path] = marks.edit(tree)
    reading = construct(edits) if edits else none("run clears nothing")
    return beside(reading, *(path.rpartition("/")[0] for path in edits))


def _run(tree: ast.Module, marks: Marks) -> None:
    for function in methods(tree, "TTS", "run"):
        soften(function, ["self.empty_cache()", CLEAR], marks)


def _decode(tree: ast.Module, marks: Marks) -> None:
    for function in methods(tree, "CUDAGraphRunner", "_handle_request"):
        soften(function, [CLEAR], marks)
