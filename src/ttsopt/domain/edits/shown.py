"""Code of an edit as it stands within a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def short(code: str) -> str:
    """Return the first line of a piece of code, with a sign where more follows."""
    first, *rest = code.strip().splitlines() or [""]
    return f"`{first.strip()}{' …' if rest else ''}`"


def either(values: Sequence[str]) -> str:
    """Return alternatives as one text."""
    return " or ".join(values)
