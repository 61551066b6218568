"""Languages of texts, told by their script."""

from __future__ import annotations

import re

_CHINESE = re.compile("[\u4e00-\u9fff]")
# In the order in which they are looked for: a Japanese text has Chinese characters as well.
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", _CHINESE),
)


def language(text: str) -> str:
    """`zh` of a text with a Chinese character in it, else `en`."""
    return "zh" if _CHINESE.search(text) else "en"


def recognised_language(text: str) -> str | None:
    """Return the language that a recogniser is told: None where the script is that of many."""
    return next((name for name, letters in _SCRIPTS if letters.search(text)), None)
