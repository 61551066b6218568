"""Colours of charts by their part: a page has others in the dark, so that each is a name until then.

matplotlib knows no names but its own: these values are never seen, variables of CSS take their place
(`page/drawing.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, GRID = "#000001", "#000002", "#000003"
BEFORE, AFTER = "#000004", "#000005"
GOOD, BAD, PAPER = "#000006", "#000007", "#000008"
VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--line",
    BEFORE: "--before",
    AFTER: "--after",
    GOOD: "--good",
    BAD: "--bad",
    PAPER: "--card",
}
COLOURS = {"before": BEFORE, "after": AFTER}
MARKERS = {"before": "s", "after": "o"}  # who sees no colours tells sides by their form
LINES = {"before": (0, (4, 2)), "after": "-"}
SMALL = 10.0


def legend(axes: Axes) -> None:
    """Name what is drawn, above the axes."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=4,
        frameon=False,
        borderaxespad=0.2,
        handlelength=1.6,
        labelcolor=INK,
    )


def names(axes: Axes, x: str, y: str) -> None:
    """Name both axes."""
    axes.set_xlabel(x, color=MUTED)
    axes.set_ylabel(y, color=MUTED)


def whole_numbers(axes: Axes, most: int) -> None:
    """Put marks at whole numbers alone, along x from 1."""
    step = max(1, -(-most // 8))
    axes.set_xticks(range(1, most + 1, step))


def sides(axes: Axes, x: Sequence[float], values: Mapping[str, Sequence[float | None]]) -> None:
    """Draw a line with marks for each side; what is unknown is left out."""
    for side, row in values.items():
        known = [(at, value) for at, value in zip(x, row, strict=True) if value is not None]
        if known:
            axes.plot(
                *zip(*known, strict=True),
                color=COLOURS[side],
                marker=MARKERS[side],
                linestyle=LINES[side],
                label=side,
            )
