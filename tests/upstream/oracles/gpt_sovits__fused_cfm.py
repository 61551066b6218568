"""gpt-sovits/fused-cfm: the SoVITS model has its flow fused as it is loaded."""

from __future__ import annotations

from oracles.cosyvoice__fused_flow import HELPERS as FLOW
from oracles.imports import add_import
from oracles.packed_linears import beside, pack_behind
from oracles.python_file import edited
from oracles.reading import Expectation, Files, Marks, Module

HELPERS = ("ttsopt_fused_cfm", *(one for one in FLOW[1:] if one != "ttsopt_unet_block"))
FOLDER = "GPT_SoVITS/TTS_infer_pack"
PACKAGE = "TTS_infer_pack"  # as the file names its own siblings
FILES = ("**/TTS.py",)
CALLS = {"self.vits_model = vits_model": "fuse_cfm(self.vits_model)"}


def expect(files: Files) -> Expectation:
    """One statement in one method, the helpers beside the pipeline."""
    return beside(
        edited(files, f"{FOLDER}/TTS.py", _edit, "no model is loaded here"), FOLDER, HELPERS
    )


def _edit(tree: Module, marks: Marks) -> None:
    pack_behind(tree, "TTS", "init_vits_weights", CALLS, marks)
    if marks.count:
        add_import(tree, f"from {PACKAGE}.{HELPERS[0]} import fuse_cfm", marks, PACKAGE)
