"""What `ttsopt bench` measured beside the headline: texts said again, and several levels of concurrency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ttsopt.cli.text import print_lines, table

SIDES = ("before", "after")
PERCENTS = (50, 90, 95, 99)
HOT = ("hot: each text again", "before", "after")
LEVELS = ("at once", "", "requests/s", *(f"P{one}, s" for one in PERCENTS), "RTF", "speedup")


def show_scenarios(data: Mapping[str, Any]) -> None:
    """A table of either, where it was asked for."""
    if data["hot_cache"]:
        table(HOT, _hot(data["hot_cache"]))
        print_lines([f"hot, apart from the verdict: {_speedup(data['hot_cache'])}"])
    if len(data["levels"]) > 1:
        table(LEVELS, (row for level in data["levels"] for row in _level(level)))


def _hot(row: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    sides = [row[side] for side in SIDES]
    yield "RTF", *(f"{side['rtf']:.4f}" for side in sides)
    yield "CPU seconds", *(f"{side['cpu_seconds']:.3f}" for side in sides)
    yield "calls answered from kept values", *(_rate(side["hit_rate"]) for side in sides)


def _rate(rate: float | None) -> str:
    """Only patches' helpers count; what a system keeps by itself is not known."""
    return "not counted" if rate is None else f"{rate:.0%}"


def _level(row: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for side in SIDES:
        measured, latency = row[side], row[side]["latency"]
        waits = (f"{latency['whole'][one]:.3f}" for one in PERCENTS)
        rate, rtf = f"{latency['requests_per_second']:.3f}", f"{measured['rtf']:.4f}"
        first = side == SIDES[0]
        level, speedup = (str(row["concurrency"]), "") if first else ("", _speedup(row))
        yield level, side, rate, *waits, rtf, speedup


def _speedup(row: Mapping[str, Any]) -> str:
    speedup = row["speedup"]
    low, high = speedup["interval"]
    ends = f"{low:.3f} to {'?' if high is None else f'{high:.3f}'}"
    return f"{speedup['value']:.3f}x ({speedup['level']:.0%}: {ends})"
