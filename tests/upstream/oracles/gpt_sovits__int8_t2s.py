"""gpt-sovits/int8-t2s: the t2s model decodes with small weights once it is loaded."""

from __future__ import annotations

from oracles.gpt_sovits__static_kv_cache import FILES, calling
from oracles.reading import Expectation, Files

__all__ = ["FILES", "expect"]


def expect(files: Files) -> Expectation:
    """As static-kv-cache, by another function of its helper."""
    return calling(files, "shrink_weights")
