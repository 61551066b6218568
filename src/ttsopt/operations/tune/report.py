"""Findings of tuning: the JSON, and of it the report that terminal, Markdown and HTML share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ttsopt.bench.report.model import BenchReport, Section, Table
from ttsopt.operations.tune.measuring import title
from ttsopt.operations.tune.model import Job, Kind, Measured, PatchSet
from ttsopt.operations.tune.page import tune_charts, tune_summary
from ttsopt.operations.tune.run import Tuned

Data = Mapping[str, Any]
TITLES = {"select": "on top", "search": "values", "confirm": "whole set"}
HOW = (
    "on top: a set against the same with one patch more; the first lines are the original against each patch",
    "values: a set with other values for its parameters against the set before",
    "whole set: the original against all of the set, in rounds of its own, after everything was chosen",
    "Each verdict but the last served to choose; the last alone says what the set gains.",
)


def tune_data(done: Tuned) -> dict[str, Any]:
    """Return the data of `--json`."""
    ready, step = done.laboratory.ready, done.step
    located = ready.planned.located
    found = ready.found
    return {
        "system": found.system.id,
        "root": found.root,
        "version": found.version.label,
        "commit": found.version.commit,
        "size": ready.spec.size.value,
        "weights": ready.spec.weights_word,
        "threads": ready.spec.threads,
        "study": done.study,
        "storage": done.label,
        "budget": done.task.spec.budget,
        "spent": round(done.ledger.spent, 3),
        "interrupted": done.interrupted,
        "confirmed": done.is_confirmed,
        "result": _row(Job(Kind.CONFIRM, (), step.final), step.confirmed)
        if step.confirmed
        else None,
        "chosen": _set(step.final or step.found.chosen),
        "left_out": _left_out(done),
        "comparisons": [_row(job, row) for job, row in done.ledger.outcomes.items()],
        "checkout": str(located.checkout.directory),
    }


def _set(patches: PatchSet) -> list[dict[str, Any]]:
    return [{"patch": one.patch, "parameters": dict(one.values)} for one in patches]


def _row(job: Job, row: Measured) -> dict[str, Any]:
    interval = None if row.low is None or row.high is None else [row.low, row.high]
    return {
        "kind": job.kind.value,
        "title": title(job),
        "before": _set(job.before),
        "after": _set(job.after),
        "verdict": row.verdict,
        "speedup": row.speedup if row.rounds else None,
        "interval": interval,
        "rounds": row.rounds,
        "seconds": round(row.seconds, 3),
        "distance": row.distance,
        "quality": row.quality,
        "why": row.why,
    }


def _left_out(done: Tuned) -> list[dict[str, Any]]:
    """Every candidate that is not in the set, with what was last known of it."""
    step = done.step
    unknown = "not measured yet" if done.interrupted else "not measured: out of time"
    names = {one.patch for one in step.final or step.found.chosen}
    rows = []
    for candidate in done.task.candidates:
        if candidate.patch not in names:
            latest = step.found.latest.get(candidate.patch)
            rows.append(
                {"patch": candidate.patch, "why": _why(latest.measured) if latest else unknown}
            )
    return rows


def _why(row: Measured) -> str:
    if row.is_broken:
        return row.why
    return f"{row.verdict}: {row.speedup:.2f}x" if row.rounds else row.verdict


def tune_report(data: Data) -> BenchReport:
    """Return the report."""
    rows = tuple(_cells(row) for row in data["comparisons"])
    table = Table(("", "what", "verdict", "speedup", "rounds"), rows)
    about = (
        f"{data['system']} {data['version']}, {_model(data)}, threads {data['threads']}",
        f"study {data['study']}: {data['spent']:.0f} of {data['budget']:.0f} s measured",
    )
    chosen = Section("The set", tuple(_set_lines(data)))
    left = Section("Left out", tuple(f"{row['patch']}  {row['why']}" for row in data["left_out"]))
    how = Section("How to read it", HOW)
    return BenchReport(
        data,
        headline(data),
        about,
        (table,),
        (chosen, left, how),
        summary=tune_summary(data),
        charts=tune_charts(data),
    )


def _model(data: Data) -> str:
    return f"{data['weights']} weights of size {data['size']}"


def headline(data: Data) -> str:
    """Say in a line what came of it."""
    row = data["result"]
    if data["interrupted"]:
        return "interrupted: the same command goes on from here"
    if row is None:
        return "nothing to keep"
    word = "confirmed" if data["confirmed"] else "not confirmed"
    return f"{word}: {row['verdict']}, {speedup(row)} the original, {row['rounds']} rounds"


def _set_lines(data: Data) -> Iterator[str]:
    for one in data["chosen"]:
        values = ", ".join(f"{name}={value}" for name, value in one["parameters"].items())
        yield f"{one['patch']}  {values}".rstrip()


def speedup(row: Data) -> str:
    """A ratio with its interval."""
    if row["speedup"] is None:
        return ""
    low, high = row["interval"] or (None, None)
    bounds = f" ({low:.2f} to {high:.2f})" if low is not None else ""
    return f"{row['speedup']:.2f}x{bounds}"


def comparison_cells(job: Job, measured: Measured) -> tuple[str, ...]:
    """One comparison: kind, sets, verdict, ratio with its interval, rounds; the last two may be empty."""
    kind, what, verdict, ratio, rounds = _cells(_row(job, measured))
    return kind, what, verdict, ratio, f"{rounds} round{'s' * (rounds != '1')}" if ratio else ""


def _cells(row: Data) -> tuple[str, ...]:
    what = row["title"].partition(" ")[2]
    verdict = row["verdict"] if not row["why"] else f"{row['verdict']}: {row['why']}"
    return TITLES[row["kind"]], what, verdict, speedup(row), str(row["rounds"] or "")
