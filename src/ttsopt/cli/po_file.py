"""Reads a `.po` file: GNU gettext's form of texts and their translations."""

from __future__ import annotations

import re

# https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html, without plurals and contexts.
STRING = r'"((?:[^"\\\n]|\\.)*)"'
ENTRY = re.compile(
    rf"(?P<comments>(?:^#.*\n)*)^msgid (?P<msgid>(?:{STRING}\s*)+)^msgstr (?P<msgstr>(?:{STRING}\s*)+)",
    re.MULTILINE,
)
ESCAPE = re.compile(r"\\(.)")


def read_po(text: str) -> dict[str, str]:
    """Return the translations by their English texts; not the header, empty ones, and what is marked as fuzzy."""
    entries = (
        (_text(one["msgid"]), _text(one["msgstr"]), one["comments"]) for one in ENTRY.finditer(text)
    )
    return {
        english: chinese
        for english, chinese, comments in entries
        if english and chinese and "fuzzy" not in comments
    }


def _text(strings: str) -> str:
    joined = "".join(found[1] for found in re.finditer(STRING, strings))
    return ESCAPE.sub(lambda found: "\n" if found[1] == "n" else found[1], joined)
