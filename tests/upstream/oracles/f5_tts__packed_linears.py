"""f5-tts/packed-linears: what load_model and load_vocoder give back has been packed."""

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
    none,
    statements,
)

PLACES = ("src/f5_tts/infer", "f5_tts/infer", "src/f5_tts/model", "model")
FILES = ("**/utils_infer.py", *(f"{place}/__init__.py" for place in PLACES))
LOADERS = {"load_model": "model", "load_vocoder": "vocoder"}


def expect(files: Files) -> Expectation:
    """The one file that loads models, wherever this version keeps it, and the helper beside it."""
    for folder in PLACES:
        if f"{folder}/utils_infer.py" in files:
            return _read(files, folder)
    return none("no file that loads models")


def _read(files: Files, folder: str) -> Expectation:
    package = folder.removeprefix("src/").replace("/", ".")

    def edit(tree: Module, marks: Marks) -> None:
        for function in definitions(tree, *LOADERS):
            _before_return(function, LOADERS[function.name], marks)
        if marks.count:
            code = f"from {package}.ttsopt_packed_linears import pack_linears"
            add_import(tree, code, marks, package.partition(".")[0])

    reading = edited(files, f"{folder}/utils_infer.py", edit, "nothing is loaded here")
    helper = f"{folder}/ttsopt_packed_linears.py"
    return replace(reading, created={helper: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _before_return(
    function: ast.FunctionDef | ast.AsyncFunctionDef, name: str, marks: Marks
) -> None:
    last = function.body[-1]
    if ast.unparse(last) == f"return {name}":
        function.body[-1:] = [*statements(f"pack_linears({name})"), last]
        marks.inserted.add(last.lineno - 1)
        marks.count += 1
