"""mockingbird/vocoder-pieces: HiFi-GAN is quickened once its weight norm is off."""

from __future__ import annotations

from oracles.imports import add_import
from oracles.packed_linears import put_behind
from oracles.reading import (
    ANYTHING,
    Expectation,
    Files,
    Marks,
    construct,
    definitions,
    none,
    other,
    parsed,
)

HELPERS = ("ttsopt_vocoder_pieces", "ttsopt_kernels", "ttsopt_products", "ttsopt_digits")
FOLDERS = ("models/vocoder/hifigan", "vocoder/hifigan")
FILES = ("**/vocoder/hifigan/inference.py",)
CALLS = {"generator.remove_weight_norm()": "quicken_vocoders(generator)"}


def expect(files: Files) -> Expectation:
    """One statement of one function, its import, and the helpers."""
    for folder in FOLDERS:
        path = f"{folder}/inference.py"
        if path not in files:
            continue
        tree, marks = parsed(files[path]), Marks()
        if tree is None:
            return other(f"{path} is no Python")
        for function in definitions(tree, "load_model"):
            put_behind(function, CALLS, marks)
        if marks.count:
            module = f"{folder.replace('/', '.')}.{HELPERS[0]}"
            add_import(tree, f"from {module} import quicken_vocoders", marks)
            created = {f"{folder}/{helper}.py": ANYTHING for helper in HELPERS}
            return construct({path: marks.edit(tree)}, created)
    return none("no vocoder is made ready")
