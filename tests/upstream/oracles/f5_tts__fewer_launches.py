"""f5-tts/fewer-launches: what load_model gives back has been handed to the helper."""

from __future__ import annotations

from oracles.f5_tts_loaders import FILES, handed_to
from oracles.reading import Expectation, Files

__all__ = ["FILES", "expect"]

HELPERS = ("ttsopt_fewer_launches", "ttsopt_graphs")


def expect(files: Files) -> Expectation:
    """The one file that loads models, wherever this version keeps it, and the helpers beside it."""
    return handed_to(files, "launch_less", HELPERS, {"load_model": "model"})
