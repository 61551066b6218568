"""Placeholders in a pattern or a replacement: `$X` for one expression, `$$$X` for a run of arguments."""

from __future__ import annotations

import re
from collections.abc import Callable

ONE = "__one_"
RUN = "__run_"

_PLACEHOLDER = re.compile(r"\$\$\$(?P<run>[A-Z_]\w*)(?P<comma>\s*,\s*|)|\$(?P<one>[A-Z_]\w*)")
_STRING_OR_PLACEHOLDER = re.compile(
    r"(?P<string>#[^\n]*|(?P<prefix>\b[A-Za-z]{1,2}|)"
    r"(?:\"\"\"(?s:\\.|.)*?\"\"\"|'''(?s:\\.|.)*?'''|\"(?:\\[\s\S]|[^\"\\\n])*\"|'(?:\\[\s\S]|[^'\\\n])*'))"
    rf"|{_PLACEHOLDER.pattern}"
)


def with_placeholders(text: str) -> str:
    """A pattern as Python: every placeholder a name that no program has."""

    def name(found: re.Match[str]) -> str:
        if found["run"]:
            return f"*{RUN}{found['run']}{found['comma'] or ''}"
        return f"{ONE}{found['one']}"

    return fill_placeholders(name, text)


def as_written(text: str) -> str:
    """A text of `with_placeholders` as it was before, for messages."""
    runs = re.sub(rf"\*{RUN}(\w+)", r"$$$\1", text)
    return re.sub(rf"{ONE}(\w+)", r"$\1", runs)


def placeholders_in(text: str) -> tuple[str, ...]:
    """The placeholders that stand in a text (`$X`, `$$$A`), as often as they do; in a string they are text."""
    found: list[str] = []

    def note(place: re.Match[str]) -> str:
        found.append(f"$$${place['run']}" if place["run"] else f"${place['one']}")
        return ""

    fill_placeholders(note, text)
    return tuple(found)


def fill_placeholders(fill: Callable[[re.Match[str]], str], text: str) -> str:
    """Placeholders filled; a `$X` in a string is text, which a user's own value may have brought."""

    def part(found: re.Match[str]) -> str:
        whole = found.group()
        if found["string"] is None:
            return fill(found)
        in_braces = "f" in (found["prefix"] or "").lower()
        return _PLACEHOLDER.sub(fill, whole) if in_braces else whole

    return _STRING_OR_PLACEHOLDER.sub(part, text)
