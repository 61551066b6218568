"""index-tts/kept-emotion: IndexTTS 2 and 2.5 ask a helper for the vector of a voice's emotion."""

from __future__ import annotations

import ast

from oracles.imports import add_import
from oracles.index_tts import PATHS
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    construct,
    expression,
    lines_of,
    methods,
    none,
    other,
    parsed,
    spelled,
)

FILES = ("**/infer_v2.py", "**/infer_v2_5.py")
PACKAGE = "indextts"
HELPER = "indextts/ttsopt_kept_emotion.py"
MERGED = (
    "self.gpt.merge_emovec(spk_cond_emb, emo_cond_emb,"
    " torch.tensor([spk_cond_emb.shape[-1]], device=text_tokens.device),"
    " torch.tensor([emo_cond_emb.shape[-1]], device=text_tokens.device), alpha=emo_alpha)"
)
ASKED = f"kept_emotion(self, spk_cond_emb, emo_cond_emb, emo_alpha, lambda: {MERGED})"


def expect(files: Files) -> Expectation:
    """One expression in what speaks, the import, and the helper beside."""
    edits, created = {}, {}
    for path in PATHS[1:]:
        tree, marks = parsed(files.get(path, b"")), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        for function in methods(tree, "IndexTTS2"):
            if function.name.startswith("infer"):
                _ask_first(function, marks)
        if marks.count:
            add_import(tree, f"from {PACKAGE}.ttsopt_kept_emotion import kept_emotion", marks)
            edits[path], created[HELPER] = marks.edit(tree), ANYTHING
    return construct(edits, created) if edits else none("no emotion is merged")


def _ask_first(function: ast.AST, marks: Marks) -> None:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and spelled(node.value, MERGED):
            marks.dropped |= set(lines_of(node))
            marks.count += 1
            node.value = expression(ASKED)
