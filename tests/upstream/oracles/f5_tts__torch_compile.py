"""f5-tts/torch-compile: load_model hands the model to a helper, which counts texts; the pool gets one thread."""

from __future__ import annotations

import ast

from oracles.changes import decorate
from oracles.f5_tts__chunk_threads import one_thread
from oracles.imports import add_import
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    Module,
    construct,
    definitions,
    none,
    other,
    parsed,
    statements,
)

FILES = ("**/utils_infer.py",)
HELPER = "ttsopt_f5_compile"


def expect(files: Files) -> Expectation:
    """A few places, an import, and one new file beside, whose own tests say what it does."""
    edits, created = {}, {}
    for path, data in files.items():
        tree = parsed(data)
        if tree is None:
            return other(f"{path} is no Python")
        marks = Marks()
        _before_return(tree, marks)
        if marks.count:
            one_thread(tree, marks)
            for function in definitions(tree, "infer_batch_process", "infer_batch_process_stream"):
                decorate(function, "counted_utterance", marks)
            folder = path.rpartition("/")[0]
            names = "compile_parts, counted_utterance"
            add_import(tree, f"from {_package(folder)}{HELPER} import {names}", marks)
            edits[path] = marks.edit(tree)
            created[f"{folder}/{HELPER}.py"] = ANYTHING
    return construct(edits, created) if edits else none("no model is loaded")


def _before_return(tree: Module, marks: Marks) -> None:
    for function in definitions(tree, "load_model"):
        *_, last = function.body
        if ast.unparse(last) == "return model":
            function.body[-1:-1] = statements("compile_parts(model, 'default')")
            marks.inserted.add(last.lineno - 1)
            marks.count += 1


def _package(folder: str) -> str:
    """Where the helper is imported from: model/ has always had an __init__.py, infer/ never."""
    if folder.endswith("model"):
        return "."
    return folder.removeprefix("src/").replace("/", ".") + "."
