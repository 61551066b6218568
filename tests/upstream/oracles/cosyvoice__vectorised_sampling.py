"""cosyvoice/vectorised-sampling: the nucleus is counted by a helper, and the sorted tensors are cut to it."""

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
    definitions,
    lines_of,
    statements,
)

FILES = ("**/utils/common.py",)
PATH = "cosyvoice/utils/common.py"
HELPER = "cosyvoice/utils/ttsopt_cosyvoice_nucleus.py"
BECOMES = {
    "prob, indices = ([], [])": "",
    "cum_prob = 0.0": "",
    "prob = torch.tensor(prob).to(weighted_scores)": "prob = sorted_value[:kept]",
    "indices = torch.tensor(indices, dtype=torch.long).to(weighted_scores.device)": (
        "indices = sorted_idx[:kept]"
    ),
}


def expect(files: Files) -> Expectation:
    """One function, its import, and one new file."""
    reading = edited(files, PATH, _edit, "no nucleus sampling")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for function in definitions(tree, "nucleus_sampling"):
        body: list[ast.stmt] = []
        for node in function.body:
            text = ast.unparse(node)
            if isinstance(node, ast.For):
                text = "nucleus"
            if text not in BECOMES and text != "nucleus":
                body.append(node)
                continue
            marks.dropped |= set(lines_of(node))
            marks.count += 1
            body += statements(BECOMES.get(text, "kept = nucleus_size(sorted_value, top_p, top_k)"))
        function.body = body
    if marks.count:
        add_import(tree, "from .ttsopt_cosyvoice_nucleus import nucleus_size", marks)
