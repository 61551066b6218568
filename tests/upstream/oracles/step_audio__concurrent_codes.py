"""step-audio/concurrent-codes: vq06 is begun in a thread before vq02, and waited for where it was made."""

from __future__ import annotations

from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import (
    Expectation,
    Files,
    Marks,
    Module,
    lines_of,
    methods,
    spelled,
    statements,
)

FILES = ("tokenizer.py",)
PATH = "tokenizer.py"
INSTEAD = {
    "vq02_ori = self.get_vq02_code(audio)": """
with ThreadPoolExecutor(1) as beside:
    vq06_ahead = beside.submit(self.get_vq06_code, audio)
    vq02_ori = self.get_vq02_code(audio)
""",
    "vq06_ori = self.get_vq06_code(audio)": "vq06_ori = vq06_ahead.result()",
}


def expect(files: Files) -> Expectation:
    """Both calls of `wav2token`, and an import."""
    return edited(files, PATH, _edit, "wav2token does not make two kinds of codes")


def _edit(tree: Module, marks: Marks) -> None:
    for function in methods(tree, "StepAudioTokenizer", "wav2token"):
        for index, node in enumerate(function.body):
            for text, instead in INSTEAD.items():
                if spelled(node, text):
                    marks.changed |= set(lines_of(node))
                    marks.count += 1
                    function.body[index : index + 1] = statements(instead)
    if marks.count:
        add_import(tree, "from concurrent.futures import ThreadPoolExecutor", marks)
