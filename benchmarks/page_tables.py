"""Cells and lines of the tables in docs/results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def line(*cells: str) -> str:
    """Return a line of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def difference(out: Mapping[str, Any]) -> str:
    """Return how the outputs of both sides differ; `out` is what `patch_results.came_out` keeps of them."""
    if out["equal"]:
        return "equal bits"
    if out["mel_db"] is not None:
        return f"log-mel {out['mel_db']:.2g} dB"
    return f"{out['tokens'] or 0:.1%} of tokens"
