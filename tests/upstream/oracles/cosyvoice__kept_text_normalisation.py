"""cosyvoice/kept-text-normalisation: text_normalize is wrapped by a helper that lies beside the front end."""

from __future__ import annotations

from dataclasses import replace

from oracles.changes import decorate
from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import ANYTHING, CONSTRUCT, Expectation, Files, Marks, Module, methods

FILES = ("**/frontend.py",)
PATH = "cosyvoice/cli/frontend.py"
HELPER = "cosyvoice/cli/ttsopt_kept_text.py"


def expect(files: Files) -> Expectation:
    """One method, its import, and one new file, whose own tests say what it does."""
    reading = edited(files, PATH, _edit, "no method text_normalize")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "CosyVoiceFrontEnd", "text_normalize"):
        decorate(function, "kept_text(shorter_than=50, most=1024)", marks)
    if marks.count:
        add_import(tree, "from cosyvoice.cli.ttsopt_kept_text import kept_text", marks)
