"""A report: the data of `--json`, and the rows and sentences that terminal, Markdown and HTML share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
class BenchReport:
    """`data` is what `--json` and `--save` hold; all the text is made of it, and of nothing else.

    `first`: of which model it is, before all else. Text is as it came: whoever prints it escapes it.
    """

    data: Mapping[str, Any]
    headline: str
    about: tuple[str, ...]
    tables: tuple[Table, ...]
    sections: tuple[Section, ...]
    first: tuple[str, ...] = ()
