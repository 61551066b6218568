"""Speech as a recogniser heard it: data for JSON, and sentences of a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ttsopt.bench.outputs.transcripts import POINTS, Transcript, error_rates
from ttsopt.bench.report.figures import estimate_data

Data = Mapping[str, Any]
# Texts that a report shows, those first that became worse; JSON has all.
SHOWN = 6


def heard_data(rows: Sequence[Transcript]) -> dict[str, Any]:
    """Return all transcripts, and the character error rates over them: null where nothing was heard."""
    return {
        "transcripts": [asdict(row) for row in rows],
        "character_error_rate": _rates(rows),
    }


def _rates(rows: Sequence[Transcript]) -> dict[str, Any] | None:
    rates = error_rates(rows)
    if rates is None:
        return None
    increase = rates.increase and estimate_data(rates.increase)
    if increase:
        increase["texts"] = increase.pop("rounds")
    return {
        "texts": rates.texts,
        "before": rates.before,
        "after": rates.after,
        "increase": increase,
    }


def heard_lines(data: Data, unit: str = "round") -> Iterator[str]:
    """Yield the error rates, and the texts in which most was misheard; `unit` is what they are numbered by."""
    rates = data.get("character_error_rate")  # results of before have none
    if not rates:
        return
    words = f"character error rate over {rates['texts']} text{'s' * (rates['texts'] != 1)}"
    yield f"{words}: {_change(rates['before'], rates['after'])}{_increase(rates['increase'])}"
    rows = sorted(data["transcripts"], key=_worse)
    for row in rows[:SHOWN]:
        change = _change(row["cer_before"], row["cer_after"])
        yield f"heard {row['id']}, {unit} {row['round']}: {change}; after: {row['heard_after']}"
    if len(rows) > SHOWN:
        yield f"heard {len(rows) - SHOWN} more, with less that is wrong: in the JSON"


def _worse(row: Data) -> tuple[float, float]:
    return (row["cer_before"] or 0.0) - row["cer_after"], -row["cer_after"]


def _change(before: float | None, after: float) -> str:
    return f"{after:.1%}" if before is None else f"{before:.1%} -> {after:.1%}"


def _increase(estimate: Data | None) -> str:
    if estimate is None:
        return ""
    low, high = (None if end is None else POINTS * end for end in estimate["interval"])
    ends = (
        "no interval from one text" if low is None or high is None else f"{low:.1f} to {high:.1f}"
    )
    return f", {POINTS * estimate['value']:+.1f} points ({estimate['level']:.0%}: {ends})"
