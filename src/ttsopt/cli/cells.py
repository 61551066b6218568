"""Columns of a terminal: a Chinese character takes two, and a line of them may be broken between any two."""

from __future__ import annotations

import re
import textwrap

_OPENING, _CLOSING = "（《「『“‘", "，。；：！？、）》」』”’…"
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
# What a line may be broken before: a mark stays with the text that it ends, or begins; a path is whole.
_WORD = rf"[^\s{_OPENING}{_CLOSING}]"
_PIECE = rf"\s+|[{_OPENING}]*(?:{_WORD}*[/\\]{_WORD}*|[{_WIDE}]|[^\s{_WIDE}{_OPENING}{_CLOSING}]+)[{_CLOSING}]*|."


def cells(text: str) -> int:
    """Return the columns that a text takes."""
    if text.isascii():
        return len(text)
    import unicodedata  # nothing that English starts with needs it

    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def padded(text: str, columns: int) -> str:
    """Return a text with blanks behind it, to that many columns."""
    return text + " " * (columns - cells(text))


def cut(text: str, columns: int) -> str:
    """Return a text without what goes beyond that many columns."""
    while cells(text) > columns:
        text = text[:-1]
    return text


def unbroken(text: str) -> str:
    """Return a paragraph in one line: Chinese has no blank where a line ended behind a mark."""
    return re.sub("(?<=[，。；：！？、）》」』]) ", "", " ".join(text.split()))


def wrapped(
    text: str, columns: int, indent: str = "", hang: str = "", *, words: bool = False
) -> list[str]:
    """Return a text in lines of at most so many columns; `indent` before the first, `hang` before the others.

    English is broken at blanks alone, Chinese also between its characters: a path and a word stay whole, but with
    `words` an English one that is longer than a line is broken too.
    """
    if text.isascii() or not re.search(f"[{_WIDE}]", text):
        return textwrap.wrap(
            text,
            columns,
            initial_indent=indent,
            subsequent_indent=hang,
            break_long_words=words,
            break_on_hyphens=False,
        )
    lines = [indent]
    for piece in re.findall(_PIECE, text.strip().replace("\n", " ")):
        start = hang if len(lines) > 1 else indent
        if cells(lines[-1] + piece.rstrip()) > columns and lines[-1] != start:
            lines[-1] = lines[-1].rstrip()
            lines.append(hang)
            start = hang
        lines[-1] += "" if lines[-1] == start and piece.isspace() else piece
    return lines
