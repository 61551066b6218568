"""gpt-sovits/token-graph: the t2s model decodes by CUDA graphs once it is loaded."""

from __future__ import annotations

from oracles.imports import add_import
from oracles.packed_linears import beside, pack_behind
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module

HELPERS = ("ttsopt_gpt_sovits_graphs", "ttsopt_static_steps", "ttsopt_graphs")
FOLDER = "GPT_SoVITS/TTS_infer_pack"
PACKAGE = "TTS_infer_pack"  # as the file names its own siblings
FILES = ("**/TTS.py",)
CALLS = {"self.t2s_model = t2s_model": "graph_tokens(self.t2s_model)"}


def expect(files: Files) -> Expectation:
    """One statement of one method, its import, and the helpers beside the pipeline."""
    reading = edited(files, f"{FOLDER}/TTS.py", _edit, "no t2s model is loaded here")
    return beside(reading, FOLDER, HELPERS)


def _edit(tree: Module, marks: Marks) -> None:
    pack_behind(tree, "TTS", "init_t2s_weights", CALLS, marks)
    if marks.count:
        add_import(tree, f"from {PACKAGE}.{HELPERS[0]} import graph_tokens", marks, PACKAGE)
