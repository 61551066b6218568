"""Charts of one comparison: its rounds, RTF by length, memory, and where the time of a call goes."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ttsopt.bench.report.charts.style import (
    AFTER,
    COLOURS,
    INK,
    MARKERS,
    MUTED,
    SMALL,
    legend,
    names,
    sides,
    whole_numbers,
)
from ttsopt.bench.report.model import Chart, Table
from ttsopt.bench.report.rows import SIDES
from ttsopt.bench.report.words import MIB, interval, mib, quotient, ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Data = Mapping[str, Any]
SECONDS = "_seconds"


def bench_charts(data: Data) -> tuple[Chart, ...]:
    """Make the charts that there are figures for."""
    made = (_rounds(data), _lengths(data), _stages(data), _memory(data))
    return tuple(chart for chart in made if chart)


# ---- ratio per round ----


def _rounds(data: Data) -> Chart:
    rows = [(row["before"]["rtf"], row["after"]["rtf"]) for row in data["rounds"]]
    ratios = [before / after for before, after in rows]
    table = tuple(
        (str(number), f"{before:.4f}", f"{after:.4f}", f"{before / after:.3f}x")
        for number, (before, after) in enumerate(rows, 1)
    )
    whole = ratio(data["speedup"])
    says = f"Every round has both sides: above 1, after was faster. All rounds, the band: {whole}."
    return Chart(
        "Speedup, round by round",
        says,
        Table(("round", "RTF before", "RTF after", "before / after"), table),
        partial(_draw_rounds, ratios, data["speedup"]),
    )


def _draw_rounds(ratios: Sequence[float], speedup: Data, axes: Axes) -> None:
    low, high = speedup["interval"]
    shown = (*ratios, 1.0)
    room = 0.15 * (max(shown) - min(shown)) + 0.01
    bottom, top = max(0.0, min(shown) - room), max(shown) + room
    band = max(low, bottom), min(top if high is None else high, top)
    axes.axhspan(*band, color=AFTER, alpha=0.16, linewidth=0, label="95 % interval")
    axes.axhline(speedup["value"], color=AFTER, linewidth=1.6, label="speedup")
    axes.axhline(1.0, color=INK, linewidth=1, linestyle=(0, (2, 2)), label="no change")
    axes.plot(range(1, len(ratios) + 1), ratios, "o", color=AFTER, markersize=5)
    axes.set_ylim(bottom, top)
    axes.set_xlim(0.5, len(ratios) + 0.5)
    whole_numbers(axes, len(ratios))
    names(axes, "round", "before / after")
    legend(axes)


# ---- RTF by length ----


def _lengths(data: Data) -> Chart | None:
    if not all(row["audio_seconds"] for row in _spoken(data)):
        return None  # tokens came out of all of it
    points = {
        side: [(row["audio_seconds"], row["seconds"] / row["audio_seconds"]) for row in rows]
        for side, rows in ((side, _spoken(data, side)) for side in SIDES)
    }
    pairs = zip(data["before"]["utterances"], data["after"]["utterances"], strict=True)
    rows = tuple(_length_row(data, before, after) for before, after in pairs)
    header = ("text", "characters", "audio, s", "RTF before", "RTF after", "before / after")
    says = "Each mark is a text as it was spoken in a round. Below 1 is faster than real time."
    return Chart("RTF by length", says, Table(header, rows), partial(_draw_lengths, points))


def _length_row(data: Data, before: Data, after: Data) -> tuple[str, ...]:
    text = data["texts"].get(before["id"])
    figures = (
        f"{side['rtf']:.4f} ({interval(side['rtf_interval'], 4)})" for side in (before, after)
    )
    characters = str(len(text)) if text else ""
    spoken = f"{before['audio_seconds']:.2f}"
    return before["id"], characters, spoken, *figures, quotient(before["rtf"], after["rtf"])


def _spoken(data: Data, *chosen: str) -> list[Data]:
    return [
        row
        for round_ in data["rounds"]
        for side in chosen or SIDES
        for row in round_[side]["utterances"]
    ]


def _draw_lengths(points: Mapping[str, Sequence[tuple[float, float]]], axes: Axes) -> None:
    for side, rows in points.items():
        x, y = zip(*rows, strict=True)
        axes.plot(x, y, MARKERS[side], color=COLOURS[side], label=side, alpha=0.75, markersize=5)
    highest = max(y for rows in points.values() for _, y in rows)
    axes.set_ylim(0, 1.1 * max(highest, 0.0001))
    if 0.5 < highest < 4:  # noqa: PLR2004 - else the line would flatten all that is to be seen
        axes.axhline(1.0, color=INK, linewidth=1, linestyle=(0, (2, 2)), label="real time")
        axes.set_ylim(0, 1.1 * max(highest, 1.0))
    names(axes, "seconds of speech", "RTF")
    legend(axes)


# ---- stages ----


def _stages(data: Data) -> Chart | None:
    before, after = ([row["counters"] for row in _spoken(data, side)] for side in SIDES)
    stages = [name for name in before[0] if name.endswith(SECONDS) and name in after[0]]
    if not stages:
        return None
    means = [(_mean(before, name), _mean(after, name)) for name in stages]
    titles = [name.removesuffix(SECONDS) for name in stages]
    rows = tuple(
        (title, f"{old:.3f}", f"{new:.3f}", quotient(old, new))
        for title, (old, new) in zip(titles, means, strict=True)
    )
    return Chart(
        "Where a call's time goes",
        "Seconds of each stage that the workload knows: the mean of all calls of all rounds.",
        Table(("stage", "before, s", "after, s", "before / after"), rows),
        partial(_draw_stages, titles, means),
        height=70.0 + 42 * len(stages),
    )


def _mean(calls: Sequence[Mapping[str, float]], name: str) -> float:
    return statistics.fmean(call.get(name, 0) for call in calls)


def _draw_stages(titles: Sequence[str], means: Sequence[tuple[float, float]], axes: Axes) -> None:
    for at, side in enumerate(SIDES):
        places = [row + 0.05 + 0.3 * at for row in range(len(titles))]
        lengths = [row[at] for row in means]
        axes.barh(places, lengths, 0.26, color=COLOURS[side], label=side)
        for place, length in zip(places, lengths, strict=True):
            axes.annotate(
                f"{length:.3g} s", (length, place), (3, 0),
                textcoords="offset points", va="center", color=INK, fontsize=SMALL,
            )  # fmt: skip
    for row, title in enumerate(titles):
        axes.text(0, row - 0.14, title, color=INK, va="bottom")
    axes.set_ylim(len(titles) - 0.3, -0.5)
    axes.set_xlim(0, 1.18 * max(max(row) for row in means) or 1)
    axes.set_yticks([])
    axes.spines["left"].set_color(MUTED)
    axes.grid(visible=False)
    names(axes, "seconds a call", "")
    legend(axes)


# ---- memory ----


def _memory(data: Data) -> Chart | None:
    """Of peaks: a worker's memory is not sampled while it is timed."""
    peaks = {side: [row[side]["peak_memory"] for row in data["rounds"]] for side in SIDES}
    if not any(peak for row in peaks.values() for peak in row):
        return None
    rows = tuple(
        (str(number), mib(before), mib(after))
        for number, (before, after) in enumerate(zip(*peaks.values(), strict=True), 1)
    )
    of = "its pair of processes, so far" if data["resident"] else "a fresh process"
    return Chart(
        "Memory over the rounds",
        f"Peak of each round, in {of}: nothing samples a worker while it is timed.",
        Table(("round", "before, MiB", "after, MiB"), rows),
        partial(_draw_memory, peaks),
    )


def _draw_memory(peaks: Mapping[str, Sequence[int | None]], axes: Axes) -> None:
    sizes: dict[str, list[float | None]]
    sizes = {side: [peak / MIB if peak else None for peak in row] for side, row in peaks.items()}
    count = len(next(iter(sizes.values())))
    sides(axes, range(1, count + 1), sizes)
    axes.set_ylim(0, 1.15 * max(_known(sizes)))
    axes.set_xlim(0.5, count + 0.5)
    whole_numbers(axes, count)
    names(axes, "round", "peak, MiB")
    legend(axes)


def _known(sizes: Mapping[str, Sequence[float | None]]) -> Iterator[float]:
    return (size for row in sizes.values() for size in row if size)
