"""The sample checkout, copied, and imported afresh from wherever a test wants it."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

CHECKOUT = Path(__file__).parents[2] / "patches" / "sample" / "checkout"
PARTS = ("acoustic", "api", "audio", "frontend", "lexicon", "phones", "speaker", "vocoder")


def _forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "sample_tts"]:
        del sys.modules[name]


def load_tree(root: Path) -> ModuleType:
    """The package `sample_tts` of that tree, with its parts as attributes."""
    _forget()
    importlib.invalidate_caches()
    sys.path.insert(0, str(root))
    try:
        for part in PARTS:
            importlib.import_module(f"sample_tts.{part}")
        return sys.modules["sample_tts"]
    finally:
        sys.path.remove(str(root))
        _forget()


@pytest.fixture(scope="session")
def load() -> Callable[[Path], ModuleType]:
    return load_tree


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, so that no bytecode is left in the repository. Tests do not change it."""
    copy = tmp_path_factory.mktemp("sample") / "checkout"
    shutil.copytree(CHECKOUT, copy)
    return copy


@pytest.fixture(scope="session")
def sample(checkout: Path) -> ModuleType:
    return load_tree(checkout)
