"""gpt-sovits/batched-bert: before the loop over the sentences, BERT reads all of them together."""

from __future__ import annotations

from dataclasses import replace

from oracles.imports import add_import
from oracles.packed_linears import pack_behind
from oracles.python_file import edited
from oracles.reading import ANYTHING, CONSTRUCT, Expectation, Files, Marks, Module

FOLDER = "GPT_SoVITS/TTS_infer_pack"
PACKAGE = "TTS_infer_pack"  # as the file names its own siblings
FILES = ("**/TextPreprocessor.py",)
HELPERS = ("ttsopt_batched_bert", "ttsopt_gpt_sovits_bert")
CALLS = {
    "texts = self.pre_seg_text(text, lang, text_split_method)": "self = read_together(self, texts, lang, version)"
}


def expect(files: Files) -> Expectation:
    """One statement in a method, the helpers beside the file."""
    reading = edited(files, f"{FOLDER}/TextPreprocessor.py", _edit, "no loop over sentences")
    created = {f"{FOLDER}/{helper}.py": ANYTHING for helper in HELPERS}
    return replace(reading, created=created) if reading.kind == CONSTRUCT else reading


def _edit(tree: Module, marks: Marks) -> None:
    pack_behind(tree, "TextPreprocessor", "preprocess", CALLS, marks)
    if marks.count:
        add_import(tree, f"from {PACKAGE}.{HELPERS[0]} import read_together", marks, PACKAGE)
