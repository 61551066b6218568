"""cosyvoice/precompiled-regex: what tells punctuation is compiled at the top of its module."""

from __future__ import annotations

import ast

from oracles.python_file import edited
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    definitions,
    lines_of,
    spelled,
    statements,
)

FILES = ("**/frontend_utils.py",)
PATH = "cosyvoice/utils/frontend_utils.py"
TEXT = "punctuation_pattern = '^[\\\\p{P}\\\\p{S}]*$'"
MATCH = "return bool(regex.fullmatch(punctuation_pattern, text))"


def expect(files: Files) -> Expectation:
    """One function and, above it, one constant."""
    return edited(files, PATH, _edit, "punctuation is told without an expression")


def _edit(tree: Module, marks: Marks) -> None:
    for function in definitions(tree, "is_only_punctuation"):
        texts = [node for node in function.body if spelled(node, TEXT)]
        matches = [node for node in function.body if spelled(node, MATCH)]
        if texts and matches:
            function.body.remove(texts[0])
            function.body[function.body.index(matches[0])] = statements(
                "return bool(only_punctuation.fullmatch(text))"
            )[0]
            marks.dropped |= set(lines_of(texts[0]))
            marks.changed |= set(lines_of(matches[0]))
            marks.count += 1
    if marks.count:
        index, last = next(
            (index, node)
            for index, node in enumerate(tree.body)
            if isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "chinese_char_pattern"
        )
        marks.inserted.add(max(lines_of(last)))
        code = "only_punctuation = regex.compile(r'^[\\p{P}\\p{S}]*$')"
        tree.body[index + 1 : index + 1] = statements(code)
