"""cosyvoice/tensorrt-tokenizer: the speech tokenizer's session is made by the helper, of the same arguments."""

from __future__ import annotations

from dataclasses import replace

from oracles.imports import add_import
from oracles.python_file import edited
from oracles.reading import ANYTHING, CONSTRUCT, Expectation, Files, Marks, Module
from oracles.sessions import hand_over

FILES = ("**/frontend.py",)
PATH = "cosyvoice/cli/frontend.py"
HELPERS = ("tensorrt_session", "kernels")
CREATED = {f"cosyvoice/cli/ttsopt_{name}.py": ANYTHING for name in HELPERS}


def expect(files: Files) -> Expectation:
    """The one session that the constructor keeps by that name."""
    reading = edited(files, PATH, _edit, "no session is kept")
    return replace(reading, created=CREATED) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    hand_over(
        tree,
        marks,
        "CosyVoiceFrontEnd",
        "session_by_tensorrt",
        kept_as="self.speech_tokenizer_session",
    )
    if marks.count:
        line = "from cosyvoice.cli.ttsopt_tensorrt_session import session_by_tensorrt"
        add_import(tree, line, marks)
