"""step-audio/no-wav-round-trip: the paraformer gets samples, and no WAV is written."""

from __future__ import annotations

import ast

from oracles.changes import drop
from oracles.python_file import edited
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    expression,
    lines_of,
    methods,
    spelled,
)

FILES = ("tokenizer.py",)
PATH = "tokenizer.py"
WRITING = (
    "_tmp_wav = io.BytesIO()",
    "torchaudio.save(_tmp_wav, audio, 16000, format='wav')",
    "_tmp_wav.seek(0)",
)


def expect(files: Files) -> Expectation:
    """Three statements go, one argument becomes another."""
    return edited(files, PATH, _edit, "no WAV is written in memory")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "StepAudioTokenizer", "get_vq02_code"):
        drop(function, WRITING, marks)
        for node in ast.walk(function):
            if isinstance(node, ast.keyword) and spelled(node.value, "[_tmp_wav]"):
                marks.changed |= set(lines_of(node.value))
                marks.count += 1
                node.value = expression("[audio.mean(0).cpu()]")
