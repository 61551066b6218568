"""cosyvoice/kept-speaker-features: what is extracted of a recording is kept by a helper beside the front end."""

from __future__ import annotations

from dataclasses import replace

from oracles.changes import decorate
from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import ANYTHING, CONSTRUCT, Expectation, Files, Marks, Module, methods

FILES = ("**/frontend.py",)
PATH = "cosyvoice/cli/frontend.py"
HELPER = "cosyvoice/cli/ttsopt_kept_voice.py"
EXTRACTED = ("_extract_speech_token", "_extract_spk_embedding", "_extract_speech_feat")


def expect(files: Files) -> Expectation:
    """Three methods, an import, and one new file, whose own tests say what it does."""
    reading = edited(files, PATH, _edit, "nothing is extracted of a recording")
    return replace(reading, created={HELPER: ANYTHING}) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "CosyVoiceFrontEnd", *EXTRACTED):
        decorate(function, "kept_voice(most=64)", marks)
    if marks.count:
        add_import(tree, "from cosyvoice.cli.ttsopt_kept_voice import kept_voice", marks)
