"""f5-tts/packed-linears: what load_model and load_vocoder give back has been packed."""

from __future__ import annotations

from oracles.f5_tts_loaders import FILES, handed_to
from oracles.reading import Expectation, Files

__all__ = ["FILES", "expect"]

LOADERS = {"load_model": "model", "load_vocoder": "vocoder"}


def expect(files: Files) -> Expectation:
    """The one file that loads models, wherever this version keeps it, and the helper beside it."""
    return handed_to(files, "pack_linears", ("ttsopt_packed_linears",), LOADERS)
