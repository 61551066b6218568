"""mockingbird/request-lock: synthesize_spectrograms and the web page's two functions wait for each other."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from oracles.changes import Function, decorate
from oracles.imports import add_import
from oracles.reading import (
    ANYTHING,
    Expectation,
    FileEdit,
    Files,
    Marks,
    construct,
    definitions,
    methods,
    none,
    other,
    parsed,
)

FILES = ("**/synthesizer/inference.py", "**/mkgui/app.py", "**/mkgui/app_vc.py")
SPEAKS = "synthesizer/inference.py"
WEB = {"mkgui/app.py": "synthesize", "mkgui/app_vc.py": "convert"}
HELPER = "ttsopt_request_lock"


def expect(files: Files) -> Expectation:
    """Up to three files, in either layout; the helper lies in their folders."""
    edits: dict[str, FileEdit] = {}
    created: dict[str, str] = {}
    for path in (
        "models/" + SPEAKS,
        SPEAKS,
        *(top + one for one in WEB for top in ("control/", "")),
    ):
        tree, marks = parsed(files.get(path, b"")), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        for function in _wanted(path, tree):
            decorate(function, "one_call_at_a_time", marks)
        if marks.count:
            folder = path.rpartition("/")[0]
            module = f"{folder.replace('/', '.')}.{HELPER}"
            add_import(tree, f"from {module} import one_call_at_a_time", marks)
            edits[path] = marks.edit(tree)
            created[f"{folder}/{HELPER}.py"] = ANYTHING
    if not any(path.endswith(SPEAKS) for path in edits):
        return none("no synthesize_spectrograms")
    return construct(edits, created)


def _wanted(path: str, tree: ast.Module) -> Iterable[Function]:
    if path.endswith(SPEAKS):
        return methods(tree, "Synthesizer", "synthesize_spectrograms")
    return definitions(tree, next(name for end, name in WEB.items() if path.endswith(end)))
