"""index-tts/unused-w2v-bert-layers: layers behind the 17th pass on; the last output is then that of the 17th."""

from __future__ import annotations

import ast

from oracles.index_tts import PATHS
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    blocks,
    construct,
    expression,
    lines_of,
    methods,
    none,
    other,
    parsed,
    statements,
)

FILES = ("**/infer*.py",)
LOOP = """
for spare in self.semantic_model.encoder.layers[17:]:
    spare.forward = lambda hidden_states, *_, **__: (hidden_states,)
    spare._modules.clear()
"""


def expect(files: Files) -> Expectation:
    """Both modules of IndexTTS2: the constructor, and get_emb."""
    edits = {}
    for path in PATHS[1:]:
        tree = parsed(files.get(path, b""))
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        _pass_on(tree, marks)
        _last(tree, marks)
        if marks.count:
            edits[path] = marks.edit(tree)
    return construct(edits) if edits else none("no w2v-BERT")


def _pass_on(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "IndexTTS2", "__init__"):
        for block in blocks(function):
            for node in list(block):
                if ast.unparse(node) == "self.semantic_model.eval()":
                    at = block.index(node) + 1
                    block[at:at] = statements(LOOP)
                    marks.inserted.add(max(lines_of(node)))
                    marks.count += 1


def _last(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "IndexTTS2", "get_emb"):
        for node in ast.walk(function):
            if ast.unparse(node) == "vq_emb.hidden_states[17]" and isinstance(node, ast.Subscript):
                node.slice = expression("-1")
                marks.changed |= set(lines_of(node))
                marks.count += 1
