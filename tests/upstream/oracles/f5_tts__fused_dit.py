"""f5-tts/fused-dit: what load_model gives back has been fused."""

from __future__ import annotations

from oracles.f5_tts_loaders import FILES, handed_to
from oracles.reading import Expectation, Files

__all__ = ["FILES", "expect"]

HELPERS = (
    "ttsopt_fused_dit",
    "ttsopt_fused_modules",
    "ttsopt_dit_block",
    "ttsopt_attention",
    "ttsopt_kernels",
    "ttsopt_digits",
    "ttsopt_products",
)


def expect(files: Files) -> Expectation:
    """The one file that loads models, wherever this version keeps it, and the helpers beside it."""
    return handed_to(files, "fuse_dit", HELPERS, {"load_model": "model"})
