"""Make a report of a benchmark's data, and one of the rows of `--each`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ttsopt.bench.report.charts.bench import bench_charts
from ttsopt.bench.report.charts.waterfall import each_charts
from ttsopt.bench.report.components import first_lines
from ttsopt.bench.report.lines import sections
from ttsopt.bench.report.model import BenchReport, Section, Table
from ttsopt.bench.report.rows import tables
from ttsopt.bench.report.summary import bench_summary, each_summary
from ttsopt.bench.report.words import output_words, ratio

Data = Mapping[str, Any]

EACH = ("", "patch", "verdict", "speedup", "output")
KINDS = "alone: without any, with it · left out: all but it, with it · all: without any, with all"


def bench_report(data: Data) -> BenchReport:
    """Make the report of one comparison."""
    headline = f"{data['verdict']}: {ratio(data['speedup'], rounds=True)}"
    first = first_lines(data)
    return BenchReport(
        data,
        headline,
        _about(data),
        tables(data),
        sections(data),
        first,
        bench_summary(data),
        bench_charts(data),
    )


def each_report(data: Data, family: str) -> BenchReport:
    """Make the report of several comparisons; `family` is the sentence on their family-wise error."""
    rows = tuple(each_row(row) for row in data["each"])
    headline = f"{len(rows)} of {data['planned']} comparisons"
    measured = [row["result"] for row in data["each"] if row["result"]]
    about = (_system(measured[0]), _machine(measured[0])) if measured else ()
    notes = Section("How to read it", (KINDS, family))
    first = first_lines(measured[0]) if measured else ()
    return BenchReport(
        data,
        headline,
        about,
        (Table(EACH, rows),),
        (notes,),
        first,
        each_summary(data),
        each_charts(data),
    )


def each_row(row: Data) -> tuple[str, ...]:
    """One comparison as the cells of a table."""
    result, patches = row["result"], ", ".join(row["patches"])
    if result is None:
        return row["kind"], patches, "failed", "", "; ".join(row["error"]["message"].splitlines())
    cut = " (cut short)" if result["failure"] or result["interrupted"] else ""
    speedup = ratio(result["speedup"], rounds=True)
    return row["kind"], patches, f"{result['verdict']}{cut}", speedup, output_words(result)


def _about(data: Data) -> tuple[str, ...]:
    against = ", ".join(data["patches"]) or f"against {data['against']}"
    what = "the tree against itself" if data["against_itself"] else against
    return f"{_system(data)}: {what}", _machine(data)


def _system(data: Data) -> str:
    return f"{data['system']} {data['version']}, size {data['size']}"


def _machine(data: Data) -> str:
    machine, interpreter = (data["environment"].get(one, {}) for one in ("machine", "interpreter"))
    packages = [f"{name} {version}" for name, version in interpreter.get("packages", {}).items()]
    cores = f"{data['threads']} of {machine.get('usable_cores')} cores"
    python = f"Python {interpreter.get('python')}"
    return (
        f"{machine.get('cpu')}, {cores}, {python}; {', '.join(packages) or 'no relevant packages'}"
    )
