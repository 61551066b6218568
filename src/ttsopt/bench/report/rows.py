"""The tables of a report: both sides, texts said again, and levels of concurrency."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ttsopt.bench.report.model import Table
from ttsopt.bench.report.words import interval, mib, percentiles, quotient, ratio, seconds

Data = Mapping[str, Any]
Cell = Callable[[Data], str]

SIDES = ("before", "after")
PERCENTS = (50, 90, 95, 99)
HEADER = ("", "before", "after", "before / after")
HOT = ("hot: each text again", "before", "after")
LEVELS = ("at once", "", "requests/s", *(f"P{one}, s" for one in PERCENTS), "RTF", "speedup")

ALWAYS: tuple[tuple[str, Cell], ...] = (
    ("RTF", lambda side: f"{side['rtf']:.4f}"),
    ("its 95 % interval", lambda side: interval(side["rtf_interval"], 4)),
    ("RTFx", lambda side: f"{side['rtfx']:.3f}"),
    ("wall seconds", lambda side: f"{side['seconds']:.3f}"),
    ("audio seconds", lambda side: f"{side['audio_seconds']:.3f}"),
    ("CPU seconds", lambda side: f"{side['cpu_seconds']:.3f}"),
    ("load seconds, apart", lambda side: f"{side['load_seconds']:.2f}"),
    ("warm-up, apart", lambda side: ", ".join(f"{one:.2f}" for one in side["warmup_seconds"])),
    ("peak memory, MiB", lambda side: mib(side["peak_memory"])),
)
# Rows for several requests at once.
BUSY: tuple[tuple[str, Cell], ...] = (
    ("requests a second", lambda side: f"{side['latency']['requests_per_second']:.3f}"),
    (
        "latency, s (P50, P90, P95, P99)",
        lambda side: percentiles(side["latency"]["whole"], *PERCENTS),
    ),
)
# Rows for what not every run has.
SOMETIMES: tuple[tuple[str, Cell], ...] = (
    ("peak GPU memory, MiB", lambda side: mib(side["peak_gpu_memory"])),
    (
        "first audio, s (P50, P95)",
        lambda side: percentiles(side["latency"]["first_audio"], 50, 95),
    ),
    ("longest stall, s", lambda side: seconds(side["latency"]["worst_stall"])),
)
# Of these the ratio is said; the interval of those of RTF and CPU time is in a sentence.
RATIOS: Mapping[str, Callable[[Data], str]] = {
    "RTF": lambda data: f"{data['speedup']['value']:.3f}x",
    "CPU seconds": lambda data: (
        f"{data['cpu_speedup']['value']:.3f}x" if data["cpu_speedup"] else ""
    ),
    "load seconds, apart": lambda data: _quotient(data, "load_seconds"),
    "peak memory, MiB": lambda data: _quotient(data, "peak_memory"),
    "peak GPU memory, MiB": lambda data: _quotient(data, "peak_gpu_memory"),
}


def tables(data: Data) -> tuple[Table, ...]:
    """Make all tables that there are figures for, that of both sides first."""
    made = [Table(HEADER, tuple(_sides(data)))]
    if data["hot_cache"]:
        made.append(Table(HOT, tuple(_hot(data["hot_cache"]))))
    if len(data["levels"]) > 1:
        made.append(Table(LEVELS, tuple(row for one in data["levels"] for row in _level(one))))
    return tuple(made)


def _quotient(data: Data, name: str) -> str:
    return quotient(data["before"][name], data["after"][name])


def _sides(data: Data) -> Iterator[tuple[str, ...]]:
    """A row per figure; what is unknown of both sides is left out."""
    before, after = data["before"], data["after"]
    is_busy = data["concurrency"] > 1 and len(data["levels"]) == 1
    for name, cell in (*ALWAYS, *(BUSY if is_busy else ()), *SOMETIMES):
        cells = cell(before), cell(after)
        if (name, cell) in SOMETIMES and set(cells) <= {"", "unknown"}:
            continue
        yield name, *cells, RATIOS[name](data) if name in RATIOS else ""


def _hot(hot: Data) -> Iterator[tuple[str, ...]]:
    sides = [hot[side] for side in SIDES]
    yield "RTF", *(f"{side['rtf']:.4f}" for side in sides)
    yield "CPU seconds", *(f"{side['cpu_seconds']:.3f}" for side in sides)
    yield "calls answered from a cache", *(_rate(side["hit_rate"]) for side in sides)


def _rate(rate: float | None) -> str:
    """Only patches' helpers count; what a system caches by itself is not known."""
    return "not counted" if rate is None else f"{rate:.0%}"


def _level(level: Data) -> Iterator[tuple[str, ...]]:
    for side in SIDES:
        measured, latency = level[side], level[side]["latency"]
        waits = (f"{latency['whole'][one]:.3f}" for one in PERCENTS)
        rate, rtf = f"{latency['requests_per_second']:.3f}", f"{measured['rtf']:.4f}"
        first = side == SIDES[0]
        count, speedup = (str(level["concurrency"]), "") if first else ("", ratio(level["speedup"]))
        yield count, side, rate, *waits, rtf, speedup
