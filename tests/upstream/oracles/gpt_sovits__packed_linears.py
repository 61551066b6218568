"""gpt-sovits/packed-linears: the pipeline packs HuBERT, BERT and the SoVITS model as each is loaded."""

from __future__ import annotations

from oracles.packed_linears import beside, imported, pack_behind
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module

FILES = ("**/TTS.py",)
FOLDER = "GPT_SoVITS/TTS_infer_pack"
LOADED = "self.{0} = self.{0}.to(self.configs.device)"
PARTS = {
    "init_cnhuhbert_weights": ("cnhuhbert_model", LOADED),
    "init_bert_weights": ("bert_model", LOADED),
    "init_vits_weights": ("vits_model", "self.{0} = {0}"),
}


def expect(files: Files) -> Expectation:
    """One statement in each of three methods."""
    return beside(edited(files, f"{FOLDER}/TTS.py", _edit, "no model is loaded here"), FOLDER)


def _edit(tree: Module, marks: Marks) -> None:
    for method, (part, statement) in PARTS.items():
        calls = {statement.format(part): f"pack_linears(self.{part})"}
        pack_behind(tree, "TTS", method, calls, marks)
    imported(tree, marks, "TTS_infer_pack")
