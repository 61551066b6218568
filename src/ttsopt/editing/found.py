"""What an edit found in a file, before it is turned into an answer."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from ttsopt.editing.pattern import parse_pattern, same
from ttsopt.editing.source import PythonSource


@dataclass(frozen=True, slots=True)
class Draft:
    """UTF-8 bytes `start` to `end` of a source's `data`, and what takes their place."""

    start: int
    end: int
    text: bytes
    line: int


@dataclass(frozen=True, slots=True)
class Wrong:
    """A construct that is there, but not as expected."""

    line: int
    reason: str
    nearest: str = ""


@dataclass(slots=True)
class Found:
    """Places to change, places that are as wanted already, and constructs that are not as expected."""

    drafts: list[Draft] = field(default_factory=list)
    already: list[int] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)

    def merge(self, other: Found) -> None:
        """Take in what was found elsewhere."""
        self.drafts += other.drafts
        self.already += other.already
        self.wrong += other.wrong


def set_value(
    source: PythonSource, current: ast.expr, old: Sequence[str], new: str, what: str
) -> Found:
    """Change one value from any of `old` to `new`, compared as values: `'a'` equals `"a"`."""
    if same(parse_pattern(new), current):
        return Found(already=[current.lineno])
    if any(same(parse_pattern(value), current) for value in old):
        return Found(drafts=[Draft(*source.span(current), new.encode(), current.lineno)])
    wanted = " or ".join(old)
    reason = f"{what} is {source.text(current)}, neither the expected {wanted} nor the new {new}"
    return Found(wrong=[Wrong(current.lineno, reason, source.line(current.lineno).strip())])
