"""A waterfall: from the time of the original, step by step, to what is left of it.

Heights are shares of the original's time, so that steps add up; a ratio r of a step leaves 1/r of what was there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ttsopt.bench.report.charts.style import AFTER, BAD, BEFORE, GOOD, GRID, INK, SMALL, names
from ttsopt.bench.report.model import Chart, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Data = Mapping[str, Any]
TOGETHER = "together, beyond the product of all"


@dataclass(frozen=True, slots=True)
class Step:
    """A step by its name, its ratio before / after with the ends of its interval, and its verdict."""

    name: str
    speedup: float
    interval: tuple[float, float | None] | None
    verdict: str

    @property
    def is_decided(self) -> bool:
        """True if its verdict is one of a direction."""
        return self.verdict in {"faster", "slower"}


def each_charts(data: Data) -> tuple[Chart, ...]:
    """Return the waterfall of `--each`: every patch alone, and what all together make of the product."""
    rows = [row for row in data["each"] if row["result"]]
    alone = [_step(row) for row in rows if row["kind"] == "alone"]
    whole = next((_step(row) for row in rows if row["kind"] == "all"), None)
    if not alone:
        return ()
    if whole and len(alone) > 1:
        product = math.prod(step.speedup for step in alone)
        alone.append(Step(TOGETHER, whole.speedup / product, None, ""))
    says = (
        "Each bar is what a patch alone takes from the original's time, one behind the other; pale: without "
        "a verdict. The last step is what all together bring beyond, or short of, the product of the steps."
    )
    return (waterfall(alone, whole, says, "all together"),)


def waterfall(steps: Sequence[Step], whole: Step | None, says: str, end: str) -> Chart:
    """Return the chart; `whole` is the measurement of all steps together, if there is one."""
    left = [1.0]
    for step in steps:
        left.append(left[-1] / step.speedup)
    rows = [
        _row(step, before, after)
        for step, before, after in zip(steps, left, left[1:], strict=False)
    ]
    total = whole or Step(end, 1 / left[-1], None, "product, not measured")
    rows.append(
        _row(Step(end, total.speedup, total.interval, total.verdict), 1.0, 1 / total.speedup)
    )
    return Chart(
        "From the original to the whole",
        says,
        Table(("step", "speedup", "verdict", "time left"), tuple(rows)),
        partial(_draw, steps, left, Step(end, total.speedup, total.interval, total.verdict)),
        height=66.0 + 34 * (len(steps) + 2),
    )


def _step(row: Data) -> Step:
    result = row["result"]
    low, high = result["speedup"]["interval"]
    return Step(
        ", ".join(row["patches"]), result["speedup"]["value"], (low, high), result["verdict"]
    )


def _row(step: Step, before: float, after: float) -> tuple[str, ...]:
    left = f"{before:.1%} to {after:.1%}"
    return step.name, _ratio(step), step.verdict, left


def _ratio(step: Step) -> str:
    if step.interval is None:
        return f"{step.speedup:.3f}x"
    low, high = step.interval
    return f"{step.speedup:.3f}x ({low:.3f} to {'?' if high is None else f'{high:.3f}'})"


def _draw(steps: Sequence[Step], left: Sequence[float], total: Step, axes: Axes) -> None:
    """Draw a row for each step, its name above its bar: long names have room on a phone, too."""
    _bar(axes, 0, (0.0, 1.0), ("original", "100%"), BEFORE)
    for row, step in enumerate(steps, 1):
        start, end = left[row - 1], left[row]
        colour = GOOD if end < start else BAD
        _bar(
            axes,
            row,
            (min(start, end), max(start, end)),
            (step.name, _told(step)),
            colour,
            pale=not step.is_decided,
        )
        axes.plot([start, start], [row - 0.75, row + 0.1], color=GRID, linewidth=1.4, zorder=0.5)
    last = len(steps) + 1
    share = 1 / total.speedup
    _bar(axes, last, (0.0, share), (total.name, _told(total)), AFTER)
    axes.plot([share, share], [last - 0.75, last + 0.1], color=GRID, linewidth=1.4, zorder=0.5)
    axes.set_ylim(last + 0.45, -0.72)
    axes.set_xlim(0, 1.02 * max(*left, 1.0, share))
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    names(axes, "time, of the original's", "")


def _bar(
    axes: Axes,
    row: float,
    ends: tuple[float, float],
    told: tuple[str, str],
    colour: str,
    *,
    pale: bool = False,
) -> None:
    axes.barh(row + 0.1, ends[1] - ends[0], 0.4, ends[0], color=colour, alpha=0.4 if pale else 1.0)
    axes.text(0, row - 0.14, told[0], color=INK, va="bottom", fontsize=SMALL)
    axes.text(
        1, row - 0.14, told[1], color=INK, va="bottom", ha="right", fontsize=SMALL,
        transform=axes.get_yaxis_transform(),
    )  # fmt: skip


def _told(step: Step) -> str:
    return f"{step.speedup:.2f}x {step.verdict}".strip().replace("_", " ")
