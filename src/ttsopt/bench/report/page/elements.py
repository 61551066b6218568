"""Elements of a page, as nodes: all text is escaped where the page is written, and no string is ever mark-up."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from ttsopt.bench.report.model import Table
from ttsopt.boundary.escape import one_line

LONGEST_FIGURE = 40  # "1.203x (1.132 to 1.279), 13 rounds" and a little more
Child = ET.Element | str


def element(tag: str, *children: Child, **attributes: str) -> ET.Element:
    """Return an element; a name with `_` is one with `-`, or one that Python keeps for itself (`class_`)."""
    names = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    made = ET.Element(tag, {name: one_line(value) for name, value in names.items()})
    last: ET.Element | None = None
    for child in children:
        if isinstance(child, ET.Element):
            made.append(child)
            last = child
        elif last is None:
            made.text = (made.text or "") + one_line(child)
        else:
            last.tail = (last.tail or "") + one_line(child)
    return made


def table(rows: Table, caption: str = "") -> ET.Element:
    """Return a table that scrolls by itself where it is wider than the page."""
    head = element("tr", *(element("th", cell, scope="col") for cell in rows.header))
    body = [
        element("tr", element("th", first, scope="row"), *map(_cell, others))
        for first, *others in rows.rows
    ]
    parts = [element("thead", head), element("tbody", *body)]
    if caption:
        parts.insert(0, element("caption", caption))
    label = caption or "figures"
    made = element("table", *parts)
    return element("div", made, class_="wide", tabindex="0", role="region", aria_label=label)


def _cell(text: str) -> ET.Element:
    """A cell of a figure stays in one line; one of words may be broken."""
    return (
        element("td", text, class_="words") if len(text) > LONGEST_FIGURE else element("td", text)
    )


def lines(texts: Iterable[str]) -> ET.Element:
    """Return a list."""
    return element("ul", *(element("li", text) for text in texts))


def written(root: ET.Element) -> str:
    """Return a document as HTML."""
    return "<!doctype html>\n" + ET.tostring(root, "unicode", method="html") + "\n"
