"""Helpers are laid into checkouts of any age: what they are written in must be as old as Python 3.8."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from ttsopt.catalog.helpers import needs
from ttsopt.catalog.load import load_catalogue

CATALOGUE = load_catalogue()
HELPERS = {name: data for patch in CATALOGUE.patches for name, data in patch.helpers.items()}
# What a target has by itself, by being what it is; anything else would be a new dependency.
FOREIGN = {"torch", "numpy", "onnxruntime"}
# What a parameter asks for, and its text says to install; or what the file beside the helper imports itself.
ASKED_FOR = {
    "ttsopt_embedding_store.py": {"redis"},
    "ttsopt_index_tts_accel_sampling.py": {"transformers"},
}


@pytest.mark.parametrize("name", HELPERS)
def test_a_helper_is_python_3_8(name: str) -> None:
    ast.parse(HELPERS[name], name, feature_version=(3, 8))
    compile(HELPERS[name], name, "exec")  # plans take it that this was seen


@pytest.mark.parametrize("name", HELPERS)
def test_a_helper_needs_nothing_that_its_target_lacks(name: str) -> None:
    imported = set()
    for node in ast.walk(ast.parse(HELPERS[name])):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    beside = {Path(needed).stem for needed in needs(HELPERS[name])}  # laid out with it
    assert imported <= sys.stdlib_module_names | FOREIGN | ASKED_FOR.get(name, set()) | beside


@pytest.mark.parametrize("name", HELPERS)
def test_a_helper_is_named_as_ours(name: str) -> None:
    assert Path(name).suffix == ".py"
    assert name.startswith("ttsopt_")
