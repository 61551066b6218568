"""A report as Markdown, for `--report` and the summary of a job."""

from __future__ import annotations

from collections.abc import Iterable

from ttsopt.bench.report.model import BenchReport, Table
from ttsopt.boundary.escape import markdown, markdown_cell


def report_markdown(report: BenchReport) -> str:
    """Write headline, tables and sentences; nothing in them is mark-up of others."""
    parts = [
        *([markdown(line)] for line in report.first),
        [f"**{markdown(report.headline)}**"],
        *([markdown(line)] for line in report.about),
        *(_table(table) for table in report.tables),
        *(
            [f"{section.title}:", "", *(f"- {markdown(line)}" for line in section.lines)]
            for section in report.sections
        ),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _table(table: Table) -> list[str]:
    rule = ("---", *("---:" for _ in table.header[1:]))
    return [
        _row(map(markdown_cell, table.header)),
        _row(rule),
        *(_row(map(markdown_cell, row)) for row in table.rows),
    ]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
