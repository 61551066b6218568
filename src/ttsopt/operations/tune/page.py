"""The parts of a tuning report that pages alone have: its summary, and the way from the original to the set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ttsopt.bench.report.charts.waterfall import Step, waterfall
from ttsopt.bench.report.model import Chart, Fact, Summary
from ttsopt.bench.report.summary import VERDICTS, times

Data = Mapping[str, Any]
SAYS = (
    "Each bar is what a step took from the time of the set before it: it served to choose, and the best of many "
    "looks better than it is. The last bar is the whole set against the original, in rounds of its own."
)


def tune_summary(data: Data) -> Summary:
    """Return the top of the page."""
    facts = (*_set(data), *_output(data), _spent(data))
    row = data["result"]
    if data["interrupted"]:
        return Summary(
            "Interrupted", "Not finished: the same command goes on from here", "", facts, "open"
        )
    if row is None or row["speedup"] is None:
        return Summary(
            "Nothing to keep", "No set of patches was proven faster here", "", facts, "open"
        )
    word, tone = ("Confirmed", "good") if data["confirmed"] else ("Not confirmed", "open")
    return Summary(word, times(row["speedup"]), _sure(row), facts, tone)


def tune_charts(data: Data) -> tuple[Chart, ...]:
    """Return the waterfall of the set, where there is one."""
    steps = [_step(row) for row in _way(data["comparisons"], data["chosen"])]
    row = data["result"]
    if not steps:
        return ()
    whole = _step(row) if row and row["speedup"] is not None else None
    return (waterfall(steps, whole, SAYS, "whole set"),)


def _way(rows: Sequence[Data], chosen: object) -> list[Data]:
    """Return the comparisons that led to a set, first to last; empty where they do not reach back to none."""
    led = {repr(row["after"]): row for row in rows if _is_step(row)}
    way: list[Data] = []
    while chosen and len(way) < len(rows) and (row := led.get(repr(chosen))):
        way.insert(0, row)
        chosen = row["before"]
    return [] if chosen else way


def _is_step(row: Data) -> bool:
    """True if the set went on from there: faster, and not whole against the original."""
    return row["kind"] != "confirm" and row["verdict"] == "faster" and row["speedup"] is not None


def _step(row: Data) -> Step:
    interval = row["interval"]
    ends = (interval[0], interval[1]) if interval else None
    return Step(_added(row), row["speedup"], ends, row["verdict"])


def _added(row: Data) -> str:
    """Name the patches that a step has added, or whose values it has changed."""
    new = [one for one in row["after"] if one not in row["before"]]
    old = {one["patch"] for one in row["before"]}
    return ", ".join(_named(one, is_new=one["patch"] not in old) for one in new)


def _named(one: Data, *, is_new: bool) -> str:
    values = ", ".join(f"{name}={value}" for name, value in one["parameters"].items())
    return str(one["patch"]) if is_new or not values else f"{one['patch']} {values}"


def _sure(row: Data) -> str:
    rounds = f"after {row['rounds']} rounds of its own"
    if row["interval"] is None:
        return f"The ratio has no interval, {rounds}."
    low, high = row["interval"]
    upper = "?" if high is None else f"{high:.3f}"
    return (
        f"The ratio to the original is between {low:.3f} and {upper} with 95% confidence, {rounds}."
    )


def _set(data: Data) -> Iterator[Fact]:
    names = [_named(one, is_new=False) for one in data["chosen"]]
    yield Fact("The set", f"{len(names)} patch{'es' * (len(names) != 1)}", ", ".join(names))


def _output(data: Data) -> Iterator[Fact]:
    row = data["result"]
    if row:
        known = row["distance"]
        value = (
            "Not comparable"
            if known is None
            else "Log-mel 0 dB"
            if known == 0
            else f"Log-mel {known:.2f} dB"
        )
        note = f"{row['quality'] or 'nothing promised'}: distance to the original's, the worst utterance"
        yield Fact("Output compared", value, note, "bad" * (row["quality"] == "failed"))


def _spent(data: Data) -> Fact:
    found = Counter(row["verdict"] for row in data["comparisons"])
    told = ", ".join(
        f"{count} {VERDICTS.get(word, (word, ''))[0].lower()}" for word, count in found.items()
    )
    return Fact("Measured", f"{data['spent']:.0f} of {data['budget']:.0f} s", told)
