"""A report as one page of HTML, for `--report X.html`: no script, nothing loaded from elsewhere.

Verdict, facts and the next command come first; charts and players next; then the same tables and sentences as
in every other form of the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from ttsopt.bench.report.model import BenchReport, Chart, Fact, Summary
from ttsopt.bench.report.page.drawing import can_draw, drawn
from ttsopt.bench.report.page.elements import element, lines, table, written
from ttsopt.bench.report.page.sounds import Sounds, players
from ttsopt.bench.report.page.style import STYLE

NO_CHARTS = (
    'Without charts: they are drawn by matplotlib, which is not installed here. pip install "ttsopt[report]", '
    "then the same command. Their figures are in the tables."
)
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data: 'self' file:"
)


@dataclass(frozen=True, slots=True)
class Around:
    """Everything on a page beside the report: where it will lie, the command that made it, what to do next.

    `then` are commands as they can be typed, with what they do.
    """

    file: Path = Path("report.html")
    command: str = ""
    then: tuple[tuple[str, str], ...] = ()
    sounds: tuple[Sounds, ...] = ()


def page(report: BenchReport, around: Around | None = None) -> str:
    """Write the page."""
    body = element("main", *_body(report, around or Around()))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", f"ttsopt: {report.headline}"),
        _style(),
    )
    return written(element("html", head, element("body", body), lang="en"))


def _style() -> ET.Element:
    made = ET.Element("style")
    made.text = STYLE
    return made


def _body(report: BenchReport, around: Around) -> Iterator[ET.Element]:
    yield _header(report, around)
    if report.charts:
        yield _section("Charts", *_charts(report.charts))
    if around.sounds:
        yield _section("Listen", *players(around.sounds, around.file))
    if report.tables:
        yield _section(
            "Figures",
            *(table(one, " / ".join(filter(None, one.header[:1]))) for one in report.tables),
        )
    for section in report.sections:
        yield _section(section.title, lines(section.lines))
    yield _again(report, around)


def _section(title: str, *children: ET.Element) -> ET.Element:
    return element("section", element("h2", title), *children)


# ---- the top ----


def _header(report: BenchReport, around: Around) -> ET.Element:
    parts = [element("p", line, class_="first") for line in report.first]
    summary = report.summary
    top = _summary(summary) if summary else [element("h1", report.headline)]
    about = [element("p", line, class_="about") for line in report.about]
    then = [_commands("Next", around.then)] if around.then else []
    facts = [_facts(summary)] if summary and summary.facts else []
    return element("header", *about[:-1], *top, *parts, *facts, *then, *about[-1:])


def _summary(summary: Summary) -> Iterator[ET.Element]:
    yield element("p", summary.word, class_=f"verdict {summary.tone}".strip())
    yield element("h1", summary.sentence)
    if summary.sure:
        yield element("p", summary.sure, class_="sure")


def _facts(summary: Summary) -> ET.Element:
    return element("dl", *(_fact(row) for row in summary.facts), class_="facts")


def _fact(row: Fact) -> ET.Element:
    value = element("dd", row.value, class_=f"value {row.tone}".strip())
    note = [element("dd", row.note, class_="note")] if row.note else []
    return element("div", element("dt", row.what), value, *note)


def _commands(title: str, rows: tuple[tuple[str, str], ...]) -> ET.Element:
    parts = [
        element("div", element("code", command), element("span", what)) for command, what in rows
    ]
    return element("div", element("h2", title), *parts, class_="commands")


# ---- charts ----


def _charts(charts: tuple[Chart, ...]) -> Iterator[ET.Element]:
    is_drawn = can_draw()
    if not is_drawn:
        yield element("p", NO_CHARTS, class_="missing")
    yield element(
        "div",
        *(_chart(one, number, is_drawn=is_drawn) for number, one in enumerate(charts, 1)),
        class_="charts",
    )


def _chart(chart: Chart, number: int, *, is_drawn: bool) -> ET.Element:
    figures = element(
        "details", element("summary", "The same figures"), table(chart.table, chart.title)
    )
    if not is_drawn:
        figures.set("open", "")
    caption = element("figcaption", element("b", chart.title), element("span", chart.says))
    return element("figure", caption, *(_drawn(chart, number) if is_drawn else ()), figures)


def _drawn(chart: Chart, number: int) -> Iterator[ET.Element]:
    """Give the drawing; what was measured for hours is not lost to one that fails."""
    try:
        yield drawn(chart, number)
    except ValueError as error:
        yield element("p", f"Not drawn: {error}", class_="missing")


# ---- the end ----


def _again(report: BenchReport, around: Around) -> ET.Element:
    known = report.data
    names = (("commit", "commit {}"), ("ttsopt", "ttsopt {}"), ("date", "{}"))
    facts = [words.format(known[name]) for name, words in names if known.get(name)]
    what = f"made this page ({', '.join(facts)})" if facts else "made this page"
    rows = ((around.command, what),) if around.command else ()
    parts = [_commands("The same again", rows)] if rows else []
    return element("footer", *parts, element("p", "Nothing on this page is loaded from elsewhere."))
