"""gpt-sovits/masked-cuda-graph-attention: one step of the decoder attends to the slots that are filled."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    expression,
    lines_of,
    methods,
    statements,
)

FILES = ("**/t2s_model_cudagraph.py",)
PATH = "GPT_SoVITS/AR/models/t2s_model_cudagraph.py"
# Slot input_pos - 1 is the last one that was written.
MASK = """
slots = torch.arange(kv_caches[0].max_seq_length, device=input_pos.device)
filled = (slots < input_pos.unsqueeze(1))[:, None, None, :]
for kv_cache in kv_caches:
    kv_cache.filled = filled
"""


def expect(files: Files) -> Expectation:
    """Attention without a mask in `forward`, which gets one a step; `prefill` has its own."""
    return edited(files, PATH, _edit, "no attention without a mask")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "Attention", "forward"):
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "scaled_dot_product_attention"
                and not any(one.arg == "attn_mask" for one in node.keywords)
            ):
                node.keywords.append(ast.keyword("attn_mask", expression("kv_cache.filled")))
                marks.changed |= set(lines_of(node))
                marks.count += 1
    for function in methods(tree, "TransformerDecoder", "forward"):
        (at,) = [i for i, node in enumerate(function.body) if isinstance(node, ast.For)]
        marks.inserted.add(function.body[at].lineno - 1)
        function.body[at:at] = statements(MASK)
