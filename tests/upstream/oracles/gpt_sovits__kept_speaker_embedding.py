"""gpt-sovits/kept-speaker-embedding: SV.compute_embedding3 is wrapped by a helper that lies beside it."""

from __future__ import annotations

from dataclasses import replace

from oracles.changes import decorate
from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import ANYTHING, CONSTRUCT, Expectation, Files, Marks, Module, methods

FILES = ("**/sv.py",)
PATH = "GPT_SoVITS/sv.py"
HELPER = "GPT_SoVITS/ttsopt_gpt_sovits_kept.py"


def expect(files: Files) -> Expectation:
    """One method, its import by name (the folder is no package), and one new file."""
    reading = edited(files, PATH, _edit, "no speaker model: before v2Pro")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "SV", "compute_embedding3"):
        decorate(function, "kept_embedding", marks)
    if marks.count:
        add_import(tree, "from ttsopt_gpt_sovits_kept import kept_embedding", marks)
