"""step-audio/hoisted-session-inputs: the session's inputs are asked for before the loop over pieces."""

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
    spelled,
    statements,
)

FILES = ("tokenizer.py",)
PATH = "tokenizer.py"
ASKED = "self.ort_session.get_inputs()"
KEPT = "session_inputs"


def expect(files: Files) -> Expectation:
    """Every question within the loop, and one before it."""
    return edited(files, PATH, _edit, "no loop asks a session for its inputs")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "StepAudioTokenizer", "get_vq06_code"):
        for node in ast.walk(function):
            if isinstance(node, ast.Subscript) and spelled(node.value, ASKED):
                marks.changed |= set(lines_of(node.value))
                marks.count += 1
                node.value = expression(KEPT)
        if marks.count:
            _ask_before(function, marks)


def _ask_before(function: ast.AST, marks: Marks) -> None:
    """Behind the list that the loop fills."""
    for block in (node.body for node in ast.walk(function) if isinstance(node, ast.With)):
        for index, node in enumerate(block):
            if spelled(node, "speech_tokens = []"):
                marks.inserted.add(max(lines_of(node)))
                block.insert(index + 1, statements(f"{KEPT} = {ASKED}")[0])
                return
