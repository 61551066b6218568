"""A report as a page of HTML, for `--report X.html`: no script, nothing loaded from elsewhere."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from string import Template

from ttsopt.bench.report.model import BenchReport, Section, Table
from ttsopt.boundary.escape import one_line

PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>ttsopt bench</title>
<style>
body { font: 15px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { border-bottom: 1px solid #ccc; padding: 0.2em 0.8em; text-align: right; }
th:first-child, td:first-child { text-align: left; }
</style>
</head>
<body>
<h1>$headline</h1>
$body
</body>
</html>
""")


def report_html(report: BenchReport) -> str:
    """Write the page; all text is escaped."""
    body = "\n".join(_body(report))
    return PAGE.substitute(headline=_text(report.headline), body=body)


def _body(report: BenchReport) -> Iterator[str]:
    yield from (f"<p>{_text(line)}</p>" for line in (*report.first, *report.about))
    for table in report.tables:
        yield from _table(table)
    for section in report.sections:
        yield from _section(section)


def _table(table: Table) -> Iterator[str]:
    yield "<table>"
    yield _row("th", table.header)
    yield from (_row("td", row) for row in table.rows)
    yield "</table>"


def _row(tag: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{_text(cell)}</{tag}>' for cell in cells)}</tr>"


def _section(section: Section) -> Iterator[str]:
    yield f"<h2>{_text(section.title)}</h2>"
    yield "<ul>"
    yield from (f"<li>{_text(line)}</li>" for line in section.lines)
    yield "</ul>"


def _text(text: str) -> str:
    return html.escape(one_line(text))
