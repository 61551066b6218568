"""The language of printed lines: English, or Chinese where that is asked for (docs/decisions/0045*)."""

from __future__ import annotations

import os
import sys

# The first that is set counts: ttsopt's own, then POSIX's.
VARIABLES = ("TTSOPT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
SIMPLIFIED = frozenset({"zh", "zh_cn", "zh_sg", "zh_hans", "zh_hans_cn", "zh_hans_sg"})


def is_chinese() -> bool:
    """Return True if lines are printed in Chinese: not beside JSON, and not to a stream without such letters."""
    asked = next(filter(None, map(os.environ.get, VARIABLES)), "")
    name = asked.partition(".")[0].partition("@")[0].replace("-", "_").lower()
    return name in SIMPLIFIED and "--json" not in sys.argv[1:] and _has_letters()


def told(text: str) -> str:
    """Return a text of ttsopt's in the language of who reads it; as it is where there is no translation."""
    if not is_chinese():
        return text
    # The translations are read where they are wanted alone.
    from ttsopt.cli.chinese import translated

    return translated(text)


def _has_letters() -> bool:
    try:
        "中文".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
