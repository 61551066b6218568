"""What may not be in an output: told by Unicode's own categories, apart from the code under test."""

from __future__ import annotations

import re
import unicodedata

from cli_driver import Answer

# A name of a file that tries all of it at once, the worst in a line of its own.
EVIL = "a\n::error::forged\n\x1b]0;t\x07\r\u202eb\u2066\u200f\u061c\ufeff ##[error]x"
# Of each, what stays to be seen.
SEEN = ("forged", r"\x1b", r"\u202e", r"\u200f", r"\u061c")


def hidden(text: str) -> list[str]:
    """Control and format characters, and what no encoding has."""
    wrong = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return [ascii(one) for one in text if unicodedata.category(one) in wrong and one != "\n"]


def commands(text: str) -> list[str]:
    """Lines that a job of GitHub obeys."""
    return [line for line in text.split("\n") if re.match(r"\s*::", line) or "##[" in line]


def check_printed(answer: Answer) -> None:
    for text in (answer.out, answer.err):
        assert not hidden(text), text
        assert not commands(text), text
