"""step-audio/ort-threads: the tokenizer's session and the speaker model's take the threads of the process."""

from __future__ import annotations

from dataclasses import replace

from oracles.changes import set_threads
from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import CONSTRUCT, Expectation, Files, Marks, Module, methods

FILES = ("tokenizer.py", "**/cli/frontend.py")
TOKENIZER = "tokenizer.py"
SPEAKER = "stepvocoder/cosyvoice2/cli/frontend.py"


def expect(files: Files) -> Expectation:
    """One thread in either constructor."""
    reading = edited(files, TOKENIZER, _tokenizer, "no session of one thread is made")
    speaker = edited(files, SPEAKER, _speaker, "")
    if CONSTRUCT not in (reading.kind, speaker.kind):
        return reading
    return replace(reading, kind=CONSTRUCT, edits={**reading.edits, **speaker.edits})


def _tokenizer(tree: Module, marks: Marks) -> None:
    _threads(tree, "StepAudioTokenizer", marks)


def _speaker(tree: Module, marks: Marks) -> None:
    _threads(tree, "CosyVoiceFrontEnd", marks)


def _threads(tree: Module, owner: str, marks: Marks) -> None:
    for function in methods(tree, owner, "__init__"):
        set_threads(function, marks)
    if marks.count:
        add_import(tree, "import torch", marks)
