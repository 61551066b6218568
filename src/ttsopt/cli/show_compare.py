"""Print what `ttsopt compare` tells, and its JSON."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ttsopt.bench.stats.family import FamilyWiseError
from ttsopt.cli.text import print_lines, table

if TYPE_CHECKING:
    from ttsopt.bench.report.model import BenchReport
    from ttsopt.domain.measurement import Estimate
    from ttsopt.operations.bench.compare import Compared, Saved

# This verdict, and that of each of the two results.
FAMILY = FamilyWiseError(3)


def compared_data(done: Compared) -> dict[str, Any]:
    """Ratios with their intervals; above 1 the second result is faster."""
    return {
        "after": _estimate(done.after),
        "drift": _estimate(done.drift),
        "speedup": _estimate(done.speedup),
        "verdict": done.verdict.value,
        "family_wise_error": FAMILY.data(),
        "differences": list(done.differences),
        "results": [_result(done.first), _result(done.second)],
    }


def show_compared(done: Compared) -> None:
    """The verdict, then the ratios that it comes from."""
    print_lines(
        [
            f"{done.verdict.value}: the second speeds up {_said(done.speedup)} of what the first does",
            f"after sides: the second is {_said(done.after)} as fast as the first",
            f"before sides, a control: {_said(done.drift)}",
            f"with those of both results: {FAMILY.sentence}",
            *(f"different: {row}" for row in done.differences),
        ]
    )


def _result(saved: Saved) -> dict[str, Any]:
    about = {"system": saved.system, "version": saved.version}
    return {**about, "patches": list(saved.patches), "rounds": len(saved.rounds)}


def _estimate(row: Estimate) -> dict[str, Any]:
    low, high = row.interval.low, row.interval.high
    bounds = [low, high if math.isfinite(high) else None]
    return {
        "value": row.value,
        "interval": bounds,
        "level": row.interval.level,
        "rounds": row.rounds,
    }


def _said(row: Estimate) -> str:
    return f"{row.value:.3f}x ({row.interval.level:.0%}: {row.interval.low:.3f} to {row.interval.high:.3f})"


def show_history(report: BenchReport) -> None:
    """Print what the results have in common, a row for each, and what was left out."""
    print_lines([report.headline, *report.about, ""])
    for one in report.tables:
        table(one.header, one.rows)
    for section in report.sections:
        print_lines([f"{section.title}:", *(f"  {line}" for line in section.lines)])
