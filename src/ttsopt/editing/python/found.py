"""Findings of an edit in a file, before it is turned into an answer."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from ttsopt.editing.python.layout import ends_in_comment
from ttsopt.editing.python.pattern import parse_pattern, same
from ttsopt.editing.python.shape import is_literal
from ttsopt.editing.python.source import PythonSource
from ttsopt.editing.unparsable import PatternError


class Order(IntEnum):
    """Order of several insertions at one place; whole lines of one patch are joined there."""

    IMPORT = -1000
    LINES = 0
    DECORATOR = 1000


@dataclass(frozen=True, slots=True)
class Draft:
    """UTF-8 bytes `start` to `end` of a source's `data`, and what takes their place."""

    start: int
    end: int
    text: bytes
    line: int
    order: Order = Order.LINES


@dataclass(frozen=True, slots=True)
class Wrong:
    """A construct that is there, but not as expected; `difference` tells what sets it apart."""

    line: int
    reason: str
    nearest: str = ""
    difference: str = ""


@dataclass(slots=True)
class Found:
    """Places to change, places that are as wanted already, and constructs that are not as expected.

    `inner` has the lines of places that an outer one's draft
    changes with it; `deleted` are statements to be taken out, which become drafts once all deletions of the
    patch are known. `nodes` are what matched a pattern, to be compared where places have to be alike.
    """

    drafts: list[Draft] = field(default_factory=list)
    already: list[int] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    inner: list[int] = field(default_factory=list)
    deleted: list[ast.stmt] = field(default_factory=list)
    nodes: list[ast.AST] = field(default_factory=list)

    def merge(self, other: Found) -> None:
        """Take in what was found elsewhere."""
        self.drafts += other.drafts
        self.already += other.already
        self.wrong += other.wrong
        self.inner += other.inner
        self.deleted += other.deleted
        self.nodes += other.nodes

    def lines(self) -> list[int]:
        """The lines of the places to change, or, where there is none, of those that are as wanted."""
        places = [draft.line for draft in self.drafts] + [node.lineno for node in self.deleted]
        return sorted(places + self.inner) if places else self.already


def parse_value(text: str) -> ast.expr:
    """Read a value that a patch gives.

    Raises:
        PatternError: It is no expression, or a comment is behind it.
    """
    value = parse_pattern(text)
    if not isinstance(value, ast.expr):
        raise PatternError(f"not a value: {text!r}")
    if ends_in_comment(text):
        raise PatternError(f"a comment would take in the rest of the line: {text!r}")
    return value


def set_value(
    source: PythonSource,
    current: ast.expr,
    old: Sequence[str],
    new: str,
    what: str,
    *,
    own: bool = False,
) -> Found:
    """Change one value from any of `old` to `new`, compared as values: `'a'` equals `"a"`.

    With `own`, any literal is an old value.

    Raises:
        PatternError: One of them is no value.
    """
    if same(parse_value(new), current):
        return Found(already=[current.lineno])
    if (own and is_literal(current)) or any(same(parse_pattern(value), current) for value in old):
        return Found(drafts=[Draft(*source.span(current), new.encode(), current.lineno)])
    wanted = " or ".join(old)
    unknown = "" if is_literal(current) else ", whose value the code alone does not tell"
    reason = f"{what} is {source.text(current)}{unknown}, neither the expected {wanted} nor the new {new}"
    difference = f"`{source.text(current)}` where the patch expects `{wanted}`"
    line = source.line(current.lineno).strip()
    return Found(wrong=[Wrong(current.lineno, reason, line, difference)])
