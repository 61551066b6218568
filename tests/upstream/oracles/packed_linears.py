"""A call of a helper, such as the one that packs linear layers, put behind a statement of a method; its import."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from oracles.imports import add_import
from oracles.reading import (
    ANYTHING,
    CONSTRUCT,
    Expectation,
    Marks,
    Module,
    blocks,
    lines_of,
    methods,
    statements,
)

HELPER = "ttsopt_packed_linears"


def pack_behind(
    tree: Module, owner: str, method: str, calls: Mapping[str, str], marks: Marks
) -> None:
    """Put `calls[statement]` behind each statement of the method that reads like its key."""
    for function in methods(tree, owner, method):
        put_behind(function, calls, marks)


def put_behind(
    function: ast.FunctionDef | ast.AsyncFunctionDef, calls: Mapping[str, str], marks: Marks
) -> None:
    """The same in one function."""
    for block in blocks(function):
        for node in list(block):
            call = calls.get(ast.unparse(node))
            if call is not None:
                at = block.index(node) + 1
                block[at:at] = statements(call)
                marks.inserted.add(max(lines_of(node)))
                marks.count += 1


def imported(
    tree: Module,
    marks: Marks,
    package: str = "",
    helper: str = HELPER,
    function: str = "pack_linears",
) -> None:
    """The helper's import, if it is used: relative, or by the name of the package that the file says itself."""
    if marks.count:
        code = f"from {package}.{helper} import {function}"
        add_import(tree, code, marks, package.partition(".")[0])


def beside(reading: Expectation, folder: str, helpers: tuple[str, ...] = (HELPER,)) -> Expectation:
    """The reading with the helpers laid out in a folder, if anything is edited."""
    created = {f"{folder}/{helper}.py": ANYTHING for helper in helpers}
    return replace(reading, created=created) if reading.kind == CONSTRUCT else reading
