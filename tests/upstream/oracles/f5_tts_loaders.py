"""What F5-TTS's `load_model` and `load_vocoder` give back goes through a function of a helper first."""

from __future__ import annotations

import ast
from collections.abc import Mapping
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


def handed_to(
    files: Files,
    function: str,
    helpers: tuple[str, ...],
    loaders: Mapping[str, str],
    more: str = "",
) -> Expectation:
    """Expect the call before the return of each loader, and the helpers beside the one file that has them.

    `more` are further arguments of the call, as they are written.
    """
    for folder in PLACES:
        if f"{folder}/utils_infer.py" in files:
            calls = {loader: f"{function}({name}{more})" for loader, name in loaders.items()}
            return _read(files, folder, function, helpers, (loaders, calls))
    return none("no file that loads models")


def _read(
    files: Files,
    folder: str,
    function: str,
    helpers: tuple[str, ...],
    loaders: tuple[Mapping[str, str], Mapping[str, str]],
) -> Expectation:
    names, calls = loaders
    package = folder.removeprefix("src/").replace("/", ".")

    def edit(tree: Module, marks: Marks) -> None:
        for loader in definitions(tree, *names):
            _before_return(loader, calls[loader.name], names[loader.name], marks)
        if marks.count:
            code = f"from {package}.{helpers[0]} import {function}"
            add_import(tree, code, marks, package.partition(".")[0])

    reading = edited(files, f"{folder}/utils_infer.py", edit, "nothing is loaded here")
    created = {f"{folder}/{helper}.py": ANYTHING for helper in helpers}
    return replace(reading, created=created) if reading.kind == CONSTRUCT else reading


def _before_return(
    loader: ast.FunctionDef | ast.AsyncFunctionDef, call: str, name: str, marks: Marks
) -> None:
    last = loader.body[-1]
    if ast.unparse(last) == f"return {name}":
        loader.body[-1:] = [*statements(call), last]
        marks.inserted.add(last.lineno - 1)
        marks.count += 1
