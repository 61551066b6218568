"""step-audio/conv-search: the tokenizer's CUDA provider searches convolutions by heuristics."""

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
)

FILES = ("tokenizer.py",)
PATH = "tokenizer.py"
PLAIN = "['CUDAExecutionProvider']"
HEURISTIC = "[('CUDAExecutionProvider', {'cudnn_conv_algo_search': 'HEURISTIC'})]"


def expect(files: Files) -> Expectation:
    """The list of providers, wherever the constructor writes it."""
    return edited(files, PATH, _edit, "the CUDA provider is not asked for alone")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "StepAudioTokenizer", "__init__"):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and spelled(node.value, PLAIN):
                marks.changed |= set(lines_of(node.value))
                marks.count += 1
                node.value = expression(HEURISTIC)
