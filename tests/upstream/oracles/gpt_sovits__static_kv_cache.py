"""gpt-sovits/static-kv-cache: the t2s model decodes with kept keys and values once it is loaded."""

from __future__ import annotations

from oracles.imports import add_import
from oracles.packed_linears import pack_behind
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    construct,
    none,
    other,
    parsed,
)

FILES = ("**/TTS.py",)
FOLDER = "GPT_SoVITS/TTS_infer_pack"
HELPERS = ("ttsopt_static_kv", "ttsopt_products", "ttsopt_digits", "ttsopt_kernels")


def expect(files: Files) -> Expectation:
    """One statement of one method, its import, and the helpers."""
    return calling(files, "keep_cache")


def calling(files: Files, name: str) -> Expectation:
    """The same for any function of the helper."""
    path = f"{FOLDER}/TTS.py"
    tree, marks = parsed(files.get(path, b"")), Marks()
    if tree is None:
        return other(f"{path} is no Python")
    calls = {"self.t2s_model = t2s_model": f"{name}(self.t2s_model)"}
    pack_behind(tree, "TTS", "init_t2s_weights", calls, marks)
    if not marks.count:
        return none("no t2s model is loaded here")
    add_import(tree, f"from TTS_infer_pack.{HELPERS[0]} import {name}", marks, "TTS_infer_pack")
    created = {f"{FOLDER}/{helper}.py": ANYTHING for helper in HELPERS}
    return construct({path: marks.edit(tree)}, created)
