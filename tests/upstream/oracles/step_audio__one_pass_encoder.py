"""step-audio/one-pass-encoder: the chunk loop gathers its features, and one call encodes all of them."""

from __future__ import annotations

import ast
from dataclasses import replace

from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import (
    ANYTHING,
    CONSTRUCT,
    Expectation,
    Files,
    Marks,
    Module,
    blocks,
    lines_of,
    methods,
    spelled,
    statements,
)

FILES = ("**/paraformer_streaming/model.py",)
FOLDER = "funasr_detach/models/paraformer_streaming/"
APPEND = "encoder_outs.append(encoder_out[:, -speech_lengths[0]:])"
GATHER = "encoder_outs.append(encoder_out)"
JOIN = "speech_out = torch.cat(encoder_outs, dim=1)"
ENCODE = "speech_out = encode_chunks(self, encoder_outs, cache)"


def expect(files: Files) -> Expectation:
    """Three statements of `infer_encoder`, an import, and the helper, whose own tests say what it does."""
    reading = edited(files, FOLDER + "model.py", _edit, "no chunks are encoded one by one")
    created = {FOLDER + "ttsopt_one_pass.py": ANYTHING}
    return replace(reading, created=created) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "ParaformerStreaming", "infer_encoder"):
        for block in blocks(function):
            for index, node in enumerate(block):
                text = _instead_of(node)
                if text:
                    marks.changed |= set(lines_of(node))
                    marks.count += 1
                    block[index : index + 1] = statements(text)
    if marks.count:
        add_import(
            tree,
            "from funasr_detach.models.paraformer_streaming.ttsopt_one_pass import encode_chunks",
            marks,
        )


def _instead_of(node: ast.stmt) -> str:
    """What a statement of the loop becomes; empty for all others."""
    if spelled(node, APPEND):
        return GATHER
    if spelled(node, JOIN):
        return ENCODE
    called = isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.value
    if not called or ast.unparse(called.func) != "self.encode_chunk":
        return ""
    (final,) = [one.value for one in called.keywords if one.arg == "is_final"]
    return f"encoder_out = (speech, speech_lengths, {ast.unparse(final)})"
