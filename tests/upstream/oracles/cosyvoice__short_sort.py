"""cosyvoice/short-sort: the sort of all probabilities becomes one of the few most likely."""

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
    expression,
    lines_of,
    spelled,
)

FILES = ("**/utils/common.py",)
PATH = "cosyvoice/utils/common.py"
HELPER = "cosyvoice/utils/ttsopt_cosyvoice_sort.py"
SORT = "weighted_scores.softmax(dim=0).sort(descending=True, stable=True)"


def expect(files: Files) -> Expectation:
    """One call in one function, its import, and one new file."""
    reading = edited(files, PATH, _edit, "no nucleus sampling")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for function in definitions(tree, "nucleus_sampling"):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and spelled(node.value, SORT):
                node.value = expression("most_likely(weighted_scores.softmax(dim=0), top_k)")
                marks.changed |= set(lines_of(node))
                marks.count += 1
    if marks.count:
        add_import(tree, "from .ttsopt_cosyvoice_sort import most_likely", marks)
