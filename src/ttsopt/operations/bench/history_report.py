"""A history of results as data for JSON, and as a report with RTF over commits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ttsopt.bench.report.charts.style import AFTER, BEFORE, INK, MUTED, legend, names
from ttsopt.bench.report.model import BenchReport, Chart, Fact, Section, Summary, Table
from ttsopt.bench.report.words import interval
from ttsopt.operations.bench.history import History, Point, Ratio, SideFigures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Data = Mapping[str, Any]
HEADER = ("commit", "date", "RTF before", "RTF after", "its interval", "before / after", "verdict")
MOST_NAMES = 12  # along an axis
SHORT = 8  # digits of a commit
DRIFT = (
    "One machine is slower in one hour than in another, by more than an interval says: where the before side "
    "moves as well, it was the machine."
)


def history_data(history: History) -> dict[str, Any]:
    """Return the data of `--json`."""
    first = history.points[0]
    return {
        "system": first.result.system,
        "common": dict(first.common),
        "history": [_row(point) for point in history.points],
        "left_out": [{"file": file, "why": why} for file, why in history.left_out],
    }


def _row(point: Point) -> dict[str, Any]:
    result = point.result
    return {
        "file": point.file,
        "commit": result.commit,
        "date": result.date,
        "version": result.version,
        "patches": list(result.patches),
        "against": result.against,
        "before": _side(result.before),
        "after": _side(result.after),
        "speedup": _ratio(result.speedup),
        "verdict": result.verdict.value,
    }


def _side(side: SideFigures) -> dict[str, Any]:
    return {"rtf": side.rtf, "rtf_interval": list(side.rtf_interval)}


def _ratio(ratio: Ratio) -> dict[str, Any]:
    return {"value": ratio.value, "interval": list(ratio.interval), "rounds": ratio.rounds}


def history_report(data: Data) -> BenchReport:
    """Return the report of what `history_data` made."""
    rows = data["history"]
    common = data["common"]
    about = (
        f"{data['system']}, size {common['size']}, {common['weights']} weights, threads {common['threads']}",
        f"{common['cpu']}, {common['cores']} cores{''.join(f', {one}' for one in common['gpus'])}",
    )
    left = tuple(f"{row['file']}: {row['why']}" for row in data["left_out"])
    sections = (Section("Left out", left), Section("How to read it", (DRIFT,)))
    count = f"{len(rows)} result{'s' * (len(rows) != 1)}"
    return BenchReport(
        data,
        f"{count}: RTF {rows[0]['after']['rtf']:.4f} to {rows[-1]['after']['rtf']:.4f}",
        about,
        (Table(HEADER, tuple(map(_cells, rows))),),
        tuple(section for section in sections if section.lines),
        summary=_summary(rows, data["left_out"]),
        charts=tuple(_charts(rows)),
    )


def _cells(row: Data) -> tuple[str, ...]:
    speedup = row["speedup"]
    return (
        _name(row),
        row["date"],
        f"{row['before']['rtf']:.4f}",
        f"{row['after']['rtf']:.4f}",
        interval(row["after"]["rtf_interval"], 4),
        f"{speedup['value']:.3f}x ({interval(speedup['interval'])}), {speedup['rounds']} rounds",
        row["verdict"],
    )


def _name(row: Data) -> str:
    commit: str = row["commit"] or ""
    return commit[:SHORT] or str(row["version"])


def _summary(rows: Sequence[Data], left_out: Sequence[Data]) -> Summary:
    first, last = rows[0], rows[-1]
    best = min(rows, key=lambda row: float(row["after"]["rtf"]))
    change = first["after"]["rtf"] / last["after"]["rtf"]
    facts = [
        Fact("First", f"RTF {first['after']['rtf']:.3f}", f"{_name(first)}, {first['date']}"),
        Fact("Best", f"RTF {best['after']['rtf']:.3f}", f"{_name(best)}, {best['date']}", "good"),
        Fact("Last", f"RTF {last['after']['rtf']:.3f}", f"{_name(last)}, {last['date']}"),
    ]
    if left_out:
        facts.append(Fact("Left out", str(len(left_out)), "of another thing, or no results"))
    sentence = f"RTF {last['after']['rtf']:.3f} now: {change:.2f} times as fast as the first of {len(rows)}"
    return Summary("History", sentence, DRIFT, tuple(facts))


# ---- charts ----


def _charts(rows: Sequence[Data]) -> Iterator[Chart]:
    cells = tuple(map(_cells, rows))
    yield Chart(
        "RTF over commits",
        "The after side of each result with its interval, and the before side. Lower is faster.",
        Table(HEADER[:5], tuple(row[:5] for row in cells)),
        partial(_draw_rtf, rows),
        height=250,
    )
    yield Chart(
        "Speedup over commits",
        "Of each result with its interval: what slows the machine slows both sides. Above 1, after is faster.",
        Table(("commit", *HEADER[5:]), tuple((row[0], *row[5:]) for row in cells)),
        partial(_draw_speedup, rows),
        height=250,
    )


def _draw_rtf(rows: Sequence[Data], axes: Axes) -> None:
    before = [row["before"]["rtf"] for row in rows]
    after = [row["after"]["rtf"] for row in rows]
    axes.plot(before, color=BEFORE, marker="s", linestyle=(0, (4, 2)), label="before")
    _with_intervals(axes, after, [row["after"]["rtf_interval"] for row in rows], "after")
    axes.set_ylim(0, 1.25 * max(*before, *after))
    _commits(axes, rows, "RTF")


def _draw_speedup(rows: Sequence[Data], axes: Axes) -> None:
    values = [row["speedup"]["value"] for row in rows]
    _with_intervals(axes, values, [row["speedup"]["interval"] for row in rows], "before / after")
    axes.axhline(1.0, color=INK, linewidth=1, linestyle=(0, (2, 2)), label="no change")
    room = 0.3 * (max(*values, 1.0) - min(*values, 1.0)) + 0.02
    axes.set_ylim(max(0.0, min(*values, 1.0) - room), max(*values, 1.0) + room)
    _commits(axes, rows, "before / after")


def _with_intervals(
    axes: Axes, values: Sequence[float], ends: Sequence[Sequence[float | None]], label: str
) -> None:
    """Draw both; an interval without an upper end has none drawn, and a wide one is cut by the axes."""
    low = [value - (end[0] or 0.0) for value, end in zip(values, ends, strict=True)]
    high = [(end[1] or value) - value for value, end in zip(values, ends, strict=True)]
    errors = [[max(0.0, one) for one in side] for side in (low, high)]
    axes.errorbar(
        range(len(values)), values, errors, color=AFTER, marker="o", capsize=3, label=label
    )


def _commits(axes: Axes, rows: Sequence[Data], what: str) -> None:
    step = max(1, -(-len(rows) // MOST_NAMES))
    places = range(0, len(rows), step)
    axes.set_xticks(places)
    axes.set_xticklabels([_name(rows[at]) for at in places], rotation=45, ha="right", color=MUTED)
    axes.set_xlim(-0.5, len(rows) - 0.5)
    names(axes, "", what)
    legend(axes)
