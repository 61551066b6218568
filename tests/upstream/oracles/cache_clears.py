"""A clear of torch's GPU cache that becomes a call of the helper, which clears where memory is short."""

from __future__ import annotations

import ast
from collections.abc import Iterable
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
    statements,
)

HELPER = "ttsopt_cache_clears"
CLEAR = "torch.cuda.empty_cache()"


def soften(scope: ast.AST, texts: Iterable[str], marks: Marks) -> None:
    """Put `clear_if_low(CALLED, 0.1)` in the place of every statement that reads like one of the texts."""
    wanted = set(texts)
    for block in blocks(scope):
        for index, node in enumerate(block):
            if ast.unparse(node) in wanted:
                marks.changed |= set(lines_of(node))
                marks.count += 1
                called = ast.unparse(node).removesuffix("()")
                block[index] = statements(f"clear_if_low({called}, 0.1)")[0]


def imported(tree: Module, marks: Marks, package: str = "") -> None:
    """The helper's import, if it is used: relative, or by the name of the package that the file says itself."""
    if marks.count:
        code = f"from {package}.{HELPER} import clear_if_low"
        add_import(tree, code, marks, package.partition(".")[0])


def beside(reading: Expectation, *folders: str) -> Expectation:
    """The reading with the helper laid out in folders, if anything is edited."""
    created = {f"{folder}/{HELPER}.py": ANYTHING for folder in folders}
    return replace(reading, created=created) if reading.kind == CONSTRUCT else reading
