"""Charts of a benchmark over HTTP: latencies of each load, and what a server still answers as the load grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ttsopt.bench.report.charts.style import (
    BAD,
    COLOURS,
    INK,
    LINES,
    MUTED,
    SMALL,
    legend,
    names,
    sides,
)
from ttsopt.bench.report.model import Chart, Table
from ttsopt.bench.report.rows import SIDES
from ttsopt.bench.report.words import MIB, mib, seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Data = Mapping[str, Any]
Curve = Mapping[str, Sequence[float | None]]
PERCENTS = (50, 90, 95, 99)
STREAMED = 0.8  # of the whole; the last bytes of any answer take their time
MOST_MARKS = 8
MOST_ROWS = 12
MOST_LEVELS = 4  # of which the distribution is drawn, spread from the first to the last


def serve_charts(data: Data, load: Callable[[Data], str]) -> tuple[Chart, ...]:
    """Make the charts; `load` says the load of a level in words."""
    levels = both_sides(data["levels"])
    made = [_distribution(levels, load, "seconds", "Latency, by share of requests")]
    if _is_stream(levels):
        made.append(_distribution(levels, load, "first_audio", "First audio, by share of requests"))
    for kind, unit in (("clients", "clients"), ("rate", "requests/s sent")):
        rows = sorted((row for row in levels if row[kind]), key=lambda row: row[kind])
        if len(rows) > 1:
            made += [_answered(rows, kind, unit), _waits(rows, kind, unit)]
    made.append(_memory(data["usage"]))
    return tuple(chart for chart in made if chart)


def both_sides(levels: Sequence[Data]) -> list[Data]:
    """Return a row for each load with both sides: a ramp has rows of one side each."""
    found: dict[tuple[object, object], Data] = {}
    for level in levels:
        known = found.get((level["clients"], level["rate"]), level)
        sides = {side: level[side] or known[side] for side in SIDES}
        found[level["clients"], level["rate"]] = {**known, **sides}
    return list(found.values())


# ---- distribution ----


def _distribution(
    shown: Sequence[Data], load: Callable[[Data], str], key: str, title: str
) -> Chart | None:
    levels = [(load(level), _times(level, key)) for level in _spread(shown)]
    levels = [(name, times) for name, times in levels if times]
    if not levels:
        return None
    rows = tuple(
        (name, side, *(seconds(_percentile(times[side], one)) for one in PERCENTS))
        for name, times in levels
        for side in times
    )
    header = ("load", "side", *(f"P{one}, s" for one in PERCENTS))
    says = (
        "How many of the requests were answered within so many seconds of the moment they were due."
    )
    height = 66.0 + 88 * len(levels)
    return Chart(title, says, Table(header, rows), partial(_draw_distribution, levels), height)


def _spread(levels: Sequence[Data]) -> list[Data]:
    last = len(levels) - 1
    if last < MOST_LEVELS:
        return list(levels)
    return [levels[round(at * last / (MOST_LEVELS - 1))] for at in range(MOST_LEVELS)]


def _times(level: Data, key: str) -> dict[str, list[float]]:
    """Sorted seconds by side, of answers that brought sound."""
    found = {}
    for side in SIDES:
        rows = level[side]["answers"] if level[side] else ()
        times = sorted(row[key] for row in rows if row["failure"] is None and row[key] is not None)
        if times:
            found[side] = times
    return found


def _percentile(times: Sequence[float], percent: int) -> float | None:
    """Return it where one request is expected beyond it."""
    if (100 - percent) * len(times) < 100:  # noqa: PLR2004 - percent
        return None
    return times[max(0, -(-percent * len(times) // 100) - 1)]


def _draw_distribution(
    levels: Sequence[tuple[str, Mapping[str, Sequence[float]]]], axes: Axes
) -> None:
    """Draw one above the other, so that lines of several loads do not cross."""
    longest = max(times[-1] for _, by_side in levels for times in by_side.values())
    for at, (name, by_side) in enumerate(levels):
        base = 1.35 * (len(levels) - 1 - at)
        axes.plot([0, longest], [base, base], color=MUTED, linewidth=0.8)
        axes.text(0, base + 1.06, name, color=INK, fontsize=SMALL, va="bottom")
        for side, times in by_side.items():
            shares = [base + count / len(times) for count in range(len(times) + 1)]
            axes.step([0, *times], shares, where="post", color=COLOURS[side], linestyle=LINES[side],
                      label=side if at == 0 else None)  # fmt: skip
    axes.set_yticks([1.35 * at + share for at in range(len(levels)) for share in (0, 0.5, 1)])
    axes.set_yticklabels(["0", "50%", "100%"] * len(levels))
    axes.set_xlim(0, 1.03 * longest)
    axes.set_ylim(-0.05, 1.35 * len(levels) - 0.05)
    names(axes, "seconds", "")
    legend(axes)


def _is_stream(levels: Sequence[Data]) -> bool:
    """True if sound could be played well before it was all there."""
    return any(
        row["first_audio"] is not None and row["first_audio"] < STREAMED * row["seconds"]
        for level in levels
        for side in SIDES
        for row in (level[side]["answers"] if level[side] else ())
    )


# ---- curves over the load ----


def _answered(levels: Sequence[Data], kind: str, unit: str) -> Chart:
    points = _points(levels, kind, lambda row: row["requests_per_second"])
    says = "Requests answered with sound in a second. Where the line bends, the server is full."
    return _curve("What is answered, by load", says, points, (unit, "answered/s"), kind)


def _waits(levels: Sequence[Data], kind: str, unit: str) -> Chart:
    percent = _best_supported(levels)
    points = _points(levels, kind, lambda row: row["latency"]["whole"].get(percent))
    says = f"P{percent} of latency from the moment a request was due."
    return _curve("Latency, by load", says, points, (unit, f"P{percent}, s"), "")


def _best_supported(levels: Sequence[Data]) -> int:
    """Return the highest of P95, P90 and P50 that every level has enough requests for."""
    rows = [level[side] for level in levels for side in SIDES if level[side]]
    for percent in (95, 90):
        if all(percent in row["latency"]["whole"] for row in rows):
            return percent
    return 50


def _points(
    levels: Sequence[Data], kind: str, figure: Callable[[Data], float | None]
) -> dict[float, dict[str, float | None]]:
    """Figures by load, then by side; of several runs at one load the last."""
    found: dict[float, dict[str, float | None]] = {}
    for level in levels:
        for side in SIDES:
            if level[side]:
                found.setdefault(level[kind], {})[side] = figure(level[side])
    return found


def _curve(
    title: str,
    says: str,
    points: Mapping[float, Mapping[str, float | None]],
    units: tuple[str, str],
    kind: str,
) -> Chart:
    rows = tuple(
        (f"{load:g}", *("" if row.get(side) is None else f"{row[side]:.4g}" for side in SIDES))
        for load, row in points.items()
    )
    curve = {side: [row.get(side) for row in points.values()] for side in SIDES}
    table = Table((units[0], f"before, {units[1]}", f"after, {units[1]}"), rows)
    draw = partial(_draw_curve, list(points), curve, units, even=kind == "rate")
    return Chart(title, says, table, draw)


def _draw_curve(
    loads: Sequence[float], curve: Curve, units: tuple[str, str], axes: Axes, *, even: bool
) -> None:
    """Draw both sides; `even`: with the line on which all that is sent is answered."""
    known = {side: row for side, row in curve.items() if any(_known(row))}
    sides(axes, loads, dict(known))
    if even:
        axes.plot(
            [0, max(loads)],
            [0, max(loads)],
            color=BAD,
            linewidth=0.9,
            linestyle=(0, (1, 2)),
            label="all of it",
        )
    if len(loads) <= MOST_MARKS:
        axes.set_xticks(loads)
    axes.set_xlim(0, 1.05 * max(loads))
    axes.set_ylim(
        0, 1.12 * max((value for row in known.values() for value in _known(row)), default=1)
    )
    names(axes, *units)
    legend(axes)


# ---- memory ----


def _memory(usage: Data) -> Chart | None:
    """Of servers that were started here."""
    samples = {side: row["memory"] for side, row in usage.items() if row["memory"]}
    if not samples:
        return None
    rows = tuple(
        (side, f"{at:.1f}", mib(int(held)))
        for side, row in samples.items()
        for at, held in _few(row)
    )
    says = "Of the last process of each side with all that it started, while it was asked."
    table = Table(("side", "seconds", "MiB"), rows)
    return Chart("Memory over time", says, table, partial(_draw_memory, samples))


def _few(samples: Sequence[Sequence[float]]) -> list[Sequence[float]]:
    """Return enough of them for a table, with the first and the last."""
    step = max(1, -(-len(samples) // MOST_ROWS))
    return [*samples[:-1:step], samples[-1]]


def _draw_memory(samples: Mapping[str, Sequence[Sequence[float]]], axes: Axes) -> None:
    highest = 0.0
    for side, row in samples.items():
        sizes = [held / MIB for _, held in row]
        highest = max(highest, *sizes)
        axes.plot(
            [at for at, _ in row], sizes, color=COLOURS[side], linestyle=LINES[side], label=side
        )
    axes.set_ylim(0, 1.15 * highest or 1)
    names(axes, "seconds", "MiB")
    legend(axes)


def _known(row: Sequence[float | None]) -> Iterator[float]:
    return (value for value in row if value is not None)
