"""Writes docs/results/goals.md: what the goals of the published sizes asked, and what was measured.

    goals.py [--check]

Goals, the work of stages and the reasons are in docs/results/goals.toml; what was measured is in
docs/results/default-sets.json (whole sets) and docs/results/patches/ (patches alone). To add a measurement:

    ttsopt bench CHECKOUT [-p PATCH ...] --rtf --resident --size real --threads 1 --metric cpu --save FILE
    python benchmarks/default_sets.py default|goal FILE
    python benchmarks/goals.py

With `--check` nothing is written: exit 1 where the page is not up to date.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from default_sets import ROWS, is_faster
from page_tables import difference, line

from ttsopt.bench.report.words import interval
from ttsopt.catalog.load import load_catalogue

RESULTS = Path(__file__).parents[1] / "docs" / "results"
GOALS, PAGE, PATCHES = RESULTS / "goals.toml", RESULTS / "goals.md", RESULTS / "patches"
ORDER = ("exact", "close", "lossy")
MOST_MEL, LEAST_TOKENS = 0.5, 0.99  # what `close` allows
SECONDS = "_seconds"
HEAD = """\
# Goals at the published sizes

Each goal asks for the speed of upstream's own code on one thread, of CPU time, on a processor with AMX or
AVX-512 BF16, with random weights and texts not heard before: `exact` gives equal bits, `close` at most 0.5 dB
of log-mel or 99 % of tokens with the same work, `lossy` anything that a person has to hear. A row counts as
the class that its patches and its output have: equal bits as exact, an output that is further off than its
class allows as lossy. *Measured* is the best row of one patch or set with a verdict; without one, the best
that is there, and it says so.

Made by `python benchmarks/goals.py` (which says how to add a row) from [goals.toml](goals.toml),
[default-sets.json](default-sets.json) and `patches/`.
"""
LEFT = """\
## What is left where a goal is missed

Seconds of a text's stages, before and after, as the workload measured them in the same run; the rate is the
stage's work after, counted from the published dimensions, by its seconds. Peaks measured on the machine:
{peaks}.
"""


@dataclass(frozen=True)
class Row:
    """One measurement: `effect` is the class that it counts as, `counters` by side, empty where not kept."""

    patches: tuple[str, ...]
    effect: str
    speedup: float
    low: float
    high: float | None
    decided: bool
    came_out: Mapping[str, Any]
    machine: str
    counters: Mapping[str, Mapping[str, float]]


Goal = Mapping[str, Any]


def main(arguments: Sequence[str], page: Path = PAGE) -> int:
    """Write the page, or compare it; 1 where it is not up to date and nothing is to be written."""
    made = text_of(tomllib.loads(GOALS.read_text(encoding="utf-8")), list(raw_rows()))
    stale = not page.exists() or page.read_text(encoding="utf-8") != made
    if stale and "--check" not in arguments:
        page.write_text(made, encoding="utf-8")
    if stale:
        print(f"{page.name}: {'not up to date' if '--check' in arguments else 'written'}")
    return 1 if stale and "--check" in arguments else 0


def raw_rows() -> Iterator[Mapping[str, Any]]:
    """Yield all rows against an original as they are kept, those of patches in the form of those of sets."""
    yield from (row for row in json.loads(ROWS.read_bytes()) if row["kind"] != "former")
    for path in sorted(PATCHES.glob("*.json")):
        table = json.loads(path.read_bytes())
        for row in table["rows"]:
            machine = {key: row["machine"].get(key, "") for key in ("cpu", "instructions", "gpu")}
            yield {**row, **machine, "system": table["system"], "patches": [row["patch"]]}


def text_of(table: Mapping[str, Any], raw: Sequence[Mapping[str, Any]]) -> str:
    """Return the page."""
    effects = {patch.id: patch.effect.value for patch in load_catalogue().patches}
    found = [(goal, best(goal, raw, effects, table)) for goal in table["goals"]]
    lines = [HEAD, line("model", "effect", "asked", "measured", "patches", "output", "outcome")]
    lines.append(line("---", "---", "---:", "---:", "---", "---", "---"))
    lines += [goal_line(goal, row) for goal, row in found]
    lines += ["", LEFT.format(peaks=table["machine"]["peaks"])]
    for goal, row in found:
        if row is not None and "missed" in outcome(goal, row):
            lines += left(goal, row, table)
    return "\n".join(lines).rstrip("\n") + "\n"


# ---- rows and goals ----


def best(
    goal: Goal,
    raw: Sequence[Mapping[str, Any]],
    effects: Mapping[str, str],
    table: Mapping[str, Any],
) -> Row | None:
    """Return the measurement that tells most of a goal; None where there is none."""
    fitting = [row for row in raw if counts(goal, row, table["machine"]["instructions"])]
    rows = [made(row, effects) for row in fitting if known(row, effects)]
    rows = [row for row in rows if ORDER.index(row.effect) <= ORDER.index(goal["effect"])]
    return max(rows, key=lambda row: (row.decided, row.speedup), default=None)


def counts(goal: Goal, row: Mapping[str, Any], instructions: Sequence[str]) -> bool:
    """True if a row is of a goal's system, model, size, device and clock."""
    if row["system"] != goal["system"] or row["size"] != "real" or row["of"] != "cpu":
        return False
    if row["threads"] != 1 or row.get("gpu") or row.get("hot") or row.get("stream"):
        return False
    if row.get("concurrency", 1) != 1 or row["instructions"] not in instructions:
        return False
    said, needs = row.get("model", {}), goal.get("needs")
    for key, value in goal.get("model", {}).items():
        if said.get(key) != value and (key in said or not goal.get("default")):
            return False
    return needs is None or needs in row["patches"]


def known(row: Mapping[str, Any], effects: Mapping[str, str]) -> bool:
    """True if its patches are still there."""
    return bool(row["patches"]) and all(patch in effects for patch in row["patches"])


def made(row: Mapping[str, Any], effects: Mapping[str, str]) -> Row:
    """Return a kept row with the class that it counts as."""
    low, high = row["interval"]
    return Row(
        patches=tuple(row["patches"]),
        effect=effect_of(row, effects),
        speedup=row["speedup"],
        low=low,
        high=high,
        decided=is_faster(row),
        came_out=row["came_out"],
        machine=f"{row['cpu']}, {row['instructions']}",
        counters=row.get("counters", {}),
    )


def effect_of(row: Mapping[str, Any], effects: Mapping[str, str]) -> str:
    """Return `exact` for equal bits, else the greatest effect of its patches, or a greater one by its output."""
    ran = set(row["patches"]) - set(row.get("not_run", ()))
    named = max((effects[patch] for patch in ran), key=ORDER.index, default=ORDER[0])
    out = row["came_out"]
    if out["equal"]:
        return ORDER[0]
    far = (out["mel_db"] or 0) > MOST_MEL or (out["tokens"] or 1) < LEAST_TOKENS
    return max(named, ORDER[2] if far else ORDER[1], key=ORDER.index)


def is_met(goal: Goal, row: Row) -> bool:
    """True if what was measured with a verdict is what was asked."""
    return row.decided and row.speedup >= goal["asked"]


# ---- words ----


def goal_line(goal: Goal, row: Row | None) -> str:
    """Return a goal's line of the table."""
    asked = f"{goal['asked']:g}x"
    if row is None:
        return line(goal["of"], goal["effect"], asked, "", "", "", "not measured")
    gain = f"{row.speedup:.2f}x ({interval((row.low, row.high), 2)})"
    patches = ", ".join(f"`{patch.partition('/')[2]}`" for patch in row.patches)
    out = difference(row.came_out)
    return line(goal["of"], goal["effect"], asked, gain, patches, out, outcome(goal, row))


def outcome(goal: Goal, row: Row) -> str:
    """Return in words how a measurement stands to its goal; `missed` where it is one of that goal's kind."""
    if not row.decided:
        return "not decided"
    if is_met(goal, row):
        return "**met**"
    if row.effect != goal["effect"] == ORDER[2]:
        return f"not measured; this set is {row.effect}"
    within = row.high is None or row.high >= goal["asked"]
    return "missed, within the interval" if within else "missed"


def left(goal: Goal, row: Row, table: Mapping[str, Any]) -> Iterator[str]:
    """Yield the stages of a missed goal, and why it is missed."""
    yield f"### {goal['of']}, {goal['effect']}: {row.speedup:.2f}x of {goal['asked']:g}x\n"
    before, after = (row.counters.get(side, {}) for side in ("before", "after"))
    stages = [name for name in after if name.endswith(SECONDS)]
    if stages:
        yield line("stage", "before, s", "after, s", "share after", "rate after")
        yield line("---", "---:", "---:", "---:", "---:")
        total = sum(after[name] for name in stages)
        for name in sorted(stages, key=lambda name: after[name], reverse=True):
            seconds, was = after[name], before.get(name, 0.0)
            rate = rate_of(goal["of"], name.removesuffix(SECONDS), after, seconds, table["work"])
            shown = (f"{was:.2f}", f"{seconds:.2f}", f"{seconds / total:.0%}")
            yield line(name.removesuffix(SECONDS), *shown, rate)
        yield ""
    else:
        yield "No stages were kept with this row.\n"
    for why in table["why"]:
        if (why["of"], why["effect"]) == (goal["of"], goal["effect"]):
            yield why["text"].strip() + "\n"


def rate_of(
    of: str,
    stage: str,
    counters: Mapping[str, float],
    seconds: float,
    works: Sequence[Mapping[str, Any]],
) -> str:
    """Return the rate of a stage; empty where its work is not known."""
    for work in works:
        if (work["of"], work["stage"]) == (of, stage) and work["counter"] in counters and seconds:
            unit = "gflop" if "gflop" in work else "gb"
            rate = counters[work["counter"]] * work[unit] / seconds
            return f"{rate:.0f} GFLOP/s" if unit == "gflop" else f"{rate:.1f} GB/s"
    return ""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
