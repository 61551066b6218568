"""gpt-sovits/masked-cuda-graph-attention: one step of the decoder attends to the slots that are filled."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, expression, lines_of, methods

FILES = ("**/t2s_model_cudagraph.py",)
PATH = "GPT_SoVITS/AR/models/t2s_model_cudagraph.py"
# Slot input_pos - 1 is the last one that was written.
MASK = "(torch.arange(k_out.shape[2], device=q.device) < input_pos.unsqueeze(1))[:, None, None, :]"


def expect(files: Files) -> Expectation:
    """Attention without a mask in `forward`; `prefill` has its own."""
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
                node.keywords.append(ast.keyword("attn_mask", expression(MASK)))
                marks.changed |= set(lines_of(node))
                marks.count += 1
