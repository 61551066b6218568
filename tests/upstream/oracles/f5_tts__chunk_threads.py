"""f5-tts/chunk-threads: the pool that speaks the pieces of a text has one thread."""

from __future__ import annotations

import ast

from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    construct,
    definitions,
    lines_of,
    none,
    other,
    parsed,
)

FILES = ("**/utils_infer.py",)


def expect(files: Files) -> Expectation:
    """One call, in whichever file speaks."""
    edits = {}
    for path, data in files.items():
        tree = parsed(data)
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        one_thread(tree, marks)
        if marks.count:
            edits[path] = marks.edit(tree)
    return construct(edits) if edits else none("the pieces are spoken without a pool")


def one_thread(tree: Module, marks: Marks) -> None:
    """Give every pool without arguments one thread."""
    for function in definitions(tree, "infer_batch_process"):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node) == "ThreadPoolExecutor()":
                node.keywords.append(ast.keyword("max_workers", ast.Constant(1)))
                marks.changed |= set(lines_of(node))
                marks.count += 1
