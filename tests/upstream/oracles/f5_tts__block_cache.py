"""f5-tts/block-cache: what load_model gives back has been handed to the helper, with a threshold."""

from __future__ import annotations

from oracles.f5_tts_loaders import FILES, handed_to
from oracles.reading import Expectation, Files

__all__ = ["FILES", "expect"]

HELPERS = ("ttsopt_block_cache", "ttsopt_graphs")


def expect(files: Files) -> Expectation:
    """The one file that loads models, wherever this version keeps it, and the helpers beside it."""
    return handed_to(files, "cache_blocks", HELPERS, {"load_model": "model"}, more=", 0.1")
