"""CosyVoice2's constructor asks a helper whether an exported part can be used, in two patches."""

from __future__ import annotations

import ast
from collections.abc import Callable
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
    expression,
    lines_of,
    methods,
    spelled,
)

PATH = "cosyvoice/cli/cosyvoice.py"
HELPER = "cosyvoice/cli/ttsopt_cosyvoice_exported.py"


def asked(  # noqa: C901 - what two patches share, with what they differ in
    files: Files,
    flag: str,
    file: int,
    arguments: tuple[int, ...],
    test: str,
    change: Callable[[ast.Call], None] = lambda _: None,
    imports: tuple[str, ...] = (),
) -> Expectation:
    """The test `if <flag>:` becomes `test`, `{}` in it being the argument number `file` of what it guards.

    Only where one call is guarded, with as many arguments as `arguments` allow; `change` then changes that call.
    """

    def edit(tree: Module, marks: Marks) -> None:
        for function in methods(tree, "CosyVoice2", "__init__"):
            for node in ast.walk(function):
                if isinstance(node, ast.If) and spelled(node.test, flag):
                    _ask(node, marks)
        if marks.count:
            for line in (*reversed(imports), "from .ttsopt_cosyvoice_exported import exported"):
                add_import(tree, line, marks)

    def _ask(node: ast.If, marks: Marks) -> None:
        (guarded,) = node.body
        assert isinstance(guarded, ast.Expr)
        call = guarded.value
        if isinstance(call, ast.Call) and len(call.args) in arguments:
            node.test = expression(test.format(ast.unparse(call.args[file])))
            change(call)
            marks.changed |= set(lines_of(node))
            marks.count += 1

    reading = edited(files, PATH, edit, "nothing is loaded that was exported so")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading
