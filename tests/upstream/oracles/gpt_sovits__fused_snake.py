"""gpt-sovits/fused-snake: the vocoder has its activations fused as it is loaded."""

from __future__ import annotations

from dataclasses import replace

from oracles.imports import add_import
from oracles.index_tts__fused_snake import HELPERS
from oracles.packed_linears import pack_behind
from oracles.python_file import edited
from oracles.reading import ANYTHING, CONSTRUCT, Expectation, Files, Marks, Module

FOLDER = "GPT_SoVITS/TTS_infer_pack"
PACKAGE = "TTS_infer_pack"  # as the file names its own siblings
FILES = ("**/TTS.py",)
CALLS = {"self.vocoder = self.vocoder.to(self.configs.device)": "fuse_snakes(self.vocoder)"}


def expect(files: Files) -> Expectation:
    """One statement in a method, the helpers beside the pipeline."""
    reading = edited(files, f"{FOLDER}/TTS.py", _edit, "no vocoder is loaded here")
    created = {f"{FOLDER}/{helper}.py": ANYTHING for helper in HELPERS}
    return replace(reading, created=created) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    pack_behind(tree, "TTS", "init_vocoder", CALLS, marks)
    if marks.count:
        code = f"from {PACKAGE}.{HELPERS[0]} import fuse_snakes"
        add_import(tree, code, marks, PACKAGE)
