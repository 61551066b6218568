"""gpt-sovits/fewer-cache-clears: neither a run nor a sentence of the CUDA-graph decoder empties the cache."""

from __future__ import annotations

import ast

from oracles.changes import drop
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    blocks,
    construct,
    lines_of,
    methods,
    none,
    other,
    parsed,
)

FILES = ("**/TTS.py", "**/t2s_model_cudagraph.py")
PATH = "GPT_SoVITS/TTS_infer_pack/TTS.py"
CLEAR = "torch.cuda.empty_cache()"
DECODER = "GPT_SoVITS/AR/models/t2s_model_cudagraph.py"


def expect(files: Files) -> Expectation:
    """In TTS only in `run`: a vocoder that is exchanged still gives its memory back."""
    edits = {}
    for path, edit in ((PATH, _run), (DECODER, _decode)):
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        edit(tree, marks)
        if marks.count:
            edits[path] = marks.edit(tree)
    return construct(edits) if edits else none("run clears nothing")


def _run(tree: ast.Module, marks: Marks) -> None:
    for function in methods(tree, "TTS", "run"):
        drop(function, ["self.empty_cache()", CLEAR, "gc.collect()"], marks)


def _decode(tree: ast.Module, marks: Marks) -> None:
    """The conditions go with what they guard."""
    for function in methods(tree, "CUDAGraphRunner", "_handle_request"):
        for block in blocks(function):
            for node in list(block):
                if isinstance(node, ast.If) and [ast.unparse(one) for one in node.body] == [CLEAR]:
                    marks.dropped |= set(lines_of(node))
                    marks.count += 1
                    block.remove(node)
