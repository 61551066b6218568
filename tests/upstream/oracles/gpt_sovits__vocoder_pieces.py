"""gpt-sovits/vocoder-pieces: the SoVITS model and the vocoder are quickened as each is loaded."""

from __future__ import annotations

from dataclasses import replace

from oracles.imports import add_import
from oracles.packed_linears import pack_behind
from oracles.python_file import edited
from oracles.reading import ANYTHING, CONSTRUCT, Expectation, Files, Marks, Module

HELPERS = ("ttsopt_vocoder_pieces", "ttsopt_kernels", "ttsopt_products", "ttsopt_digits")
FOLDER = "GPT_SoVITS/TTS_infer_pack"
PACKAGE = "TTS_infer_pack"  # as the file names its own siblings
FILES = ("**/TTS.py",)
CALLS = {
    "init_vits_weights": {"self.vits_model = vits_model": "quicken_vocoders(self.vits_model)"},
    "init_vocoder": {
        "self.vocoder = self.vocoder.to(self.configs.device)": "quicken_vocoders(self.vocoder)"
    },
}


def expect(files: Files) -> Expectation:
    """One statement in each of two methods, the helpers beside the pipeline."""
    reading = edited(files, f"{FOLDER}/TTS.py", _edit, "no model is loaded here")
    created = {f"{FOLDER}/{helper}.py": ANYTHING for helper in HELPERS}
    return replace(reading, created=created) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    for method, calls in CALLS.items():
        pack_behind(tree, "TTS", method, calls, marks)
    if marks.count:
        code = f"from {PACKAGE}.{HELPERS[0]} import quicken_vocoders"
        add_import(tree, code, marks, PACKAGE)
