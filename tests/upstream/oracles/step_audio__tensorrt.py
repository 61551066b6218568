"""step-audio/tensorrt: the tokenizer's ONNX session is made by the helper, of the same arguments."""

from __future__ import annotations

from dataclasses import replace

from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import ANYTHING, CONSTRUCT, Expectation, Files, Marks, Module
from oracles.sessions import hand_over

FILES = ("tokenizer.py",)
PATH = "tokenizer.py"
CREATED = {"ttsopt_tensorrt_session.py": ANYTHING, "ttsopt_kernels.py": ANYTHING}


def expect(files: Files) -> Expectation:
    """The session that the constructor keeps, and the helpers at the root."""
    reading = edited(files, PATH, _edit, "no session is kept")
    return replace(reading, created=CREATED) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    hand_over(tree, marks, "StepAudioTokenizer", "session_by_tensorrt", kept_as="self.ort_session")
    if marks.count:
        add_import(tree, "from ttsopt_tensorrt_session import session_by_tensorrt", marks)
