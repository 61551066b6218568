"""The sets of texts that a benchmark may speak; apart from the texts, so that commands start without those."""

from __future__ import annotations

from enum import Enum


class TextSet(Enum):
    """A short sentence; a longer one; a paragraph that most systems still speak in one piece."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"
