"""gpt-sovits/unpadded-flow: a text that fits into one chunk makes the chunk as long as itself."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, lines_of, methods, statements

FILES = ("**/TTS.py",)
PATH = "GPT_SoVITS/TTS_infer_pack/TTS.py"
SHORTER = "chunk_len = min(chunk_len, feats_padded.shape[2] + overlapped_len)"


def expect(files: Files) -> Expectation:
    """Below the padding in front, in the one method that cuts the features of several texts into chunks."""
    return edited(files, PATH, _edit, "no chunks of one length: before batches in v3")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "TTS"):
        for index, node in enumerate(function.body):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "feats_padded":
                marks.inserted.add(max(lines_of(node)))
                marks.count += 1
                function.body[index + 1 : index + 1] = statements(SHORTER)
                break
