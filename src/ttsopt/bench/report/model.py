"""A report: the data of `--json`, and the rows and sentences that terminal, Markdown and HTML share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of text, as wide as the header. The first column names its row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Sentences under a title."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to decide by: `what` it is, its figures, and what they mean. `tone`: `good`, `bad` or empty."""

    what: str
    value: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """The top of a page: the verdict in a word and a sentence, `sure` being how sure it is; then the facts."""

    word: str
    sentence: str
    sure: str
    facts: tuple[Fact, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure of a page: a title, a sentence on what it shows, and the same figures as a table.

    `draw` puts it on axes of matplotlib, in the colours of `charts/style.py`. `height` is in units of which a
    chart is 330 wide.
    """

    title: str
    says: str
    table: Table
    draw: Callable[[Axes], None]
    height: float = 210.0


@dataclass(frozen=True, slots=True)
class BenchReport:
    """`data` is what `--json` and `--save` hold; all the text is made of it, and of nothing else.

    `first`: of which model it is, before all else. `summary` and `charts` are of pages alone. Text is as it came:
    whoever prints it escapes it.
    """

    data: Mapping[str, Any]
    headline: str
    about: tuple[str, ...]
    tables: tuple[Table, ...]
    sections: tuple[Section, ...]
    first: tuple[str, ...] = ()
    summary: Summary | None = None
    charts: tuple[Chart, ...] = ()
