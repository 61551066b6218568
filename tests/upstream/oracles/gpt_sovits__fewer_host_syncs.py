"""gpt-sovits/fewer-host-syncs: one question for the end of speech in each step of the three loops."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module, definitions, expression, lines_of

FILES = ("**/AR/models/t2s_model.py",)
PATH = "GPT_SoVITS/AR/models/t2s_model.py"
ASKED_ONCE = {
    "torch.argmax(logits, dim=-1)[0] == self.EOS or samples[0, 0] == self.EOS": (
        "(torch.argmax(logits, dim=-1)[0] == self.EOS) | (samples[0, 0] == self.EOS)"
    ),
    "self.EOS in samples[:, 0] or self.EOS in tokens": (
        "((samples[:, 0] == self.EOS) | (tokens == self.EOS)).any()"
    ),
}


def expect(files: Files) -> Expectation:
    """Where a loop asks for both in an `if`."""
    return edited(files, PATH, _edit, "no loop asks twice")


def _edit(tree: Module, marks: Marks) -> None:
    for function in definitions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.If) and ast.unparse(node.test) in ASKED_ONCE:
                marks.changed |= set(lines_of(node.test))
                marks.count += 1
                node.test = expression(ASKED_ONCE[ast.unparse(node.test)])
