"""gpt-sovits/vocoder-graph: the vocoder of v3 and v4 replays CUDA graphs once it is made ready."""

from __future__ import annotations

from oracles.imports import add_import
from oracles.packed_linears import beside, pack_behind
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module

HELPERS = ("ttsopt_vocoder_graphs", "ttsopt_graphed_module", "ttsopt_graphs")
FOLDER = "GPT_SoVITS/TTS_infer_pack"
PACKAGE = "TTS_infer_pack"  # as the file names its own siblings
FILES = ("**/TTS.py",)
CALLS = {"self.vocoder = self.vocoder.eval()": "graph_vocoder(self.vocoder)"}


def expect(files: Files) -> Expectation:
    """One statement of one method, its import, and the helpers beside the pipeline."""
    reading = edited(files, f"{FOLDER}/TTS.py", _edit, "no vocoder is made ready here")
    return beside(reading, FOLDER, HELPERS)


def _edit(tree: Module, marks: Marks) -> None:
    pack_behind(tree, "TTS", "init_vocoder", CALLS, marks)
    if marks.count:
        add_import(tree, f"from {PACKAGE}.{HELPERS[0]} import graph_vocoder", marks, PACKAGE)
