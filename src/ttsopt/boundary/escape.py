r"""Text that others wrote, made safe to print: nothing hidden in it, and no command to who reads the output.

What a terminal, a log of CI or a page of Markdown would obey is written as Python escapes it (`\x1b`, `\u202e`).
"""

from __future__ import annotations

import re

# Printable to Python, and yet without a glyph: Default_Ignorable_Code_Point beyond the format characters.
# https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
_NO_GLYPH = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# Not printable to Python, and yet seen as what they are: blanks of other widths.
_BLANKS = frozenset("\u00a0\u1680\u202f\u205f\u3000") | {
    chr(code) for code in range(0x2000, 0x200B)
}
# A job of GitHub obeys `::command::` where a line begins with it, blanks aside, and `##[command]` anywhere in
# one; others have `##vso[` and the like. https://github.com/actions/runner, ActionCommand.cs
_AT_START = re.compile(r"\A\s*::")
_AFTER_BLANK = re.compile(r"(?<!\S)::")
_ANYWHERE = re.compile(r"##(?=\w*\[)")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~&$]|:(?=//)")
_MARKDOWN_START = re.compile(r"\A([#+\-=]|\d+(?=[.)]))")


def one_line(text: str) -> str:
    """Text of any origin as a part of one line: line ends and tabs are escaped too."""
    seen = _visible(text, "")
    return _ANYWHERE.sub(r"\\x23#", _AFTER_BLANK.sub(r"\\x3a:", seen))


def code_line(text: str) -> str:
    """A whole line of code or of a diff: as `one_line`, but tabs stay, and `::` where no line begins with it."""
    seen = _visible(text, "\t")
    return _ANYWHERE.sub(
        r"\\x23#", _AT_START.sub(lambda found: found.group()[:-2] + r"\x3a:", seen)
    )


def json_text(text: str) -> str:
    """JSON with the same meaning: what is hidden in its strings is escaped as JSON does it."""
    is_plain = (
        text.isascii() and "\x7f" not in text
    )  # JSON escapes the other control characters itself
    seen = text if is_plain else "".join(map(_as_json, text))
    return _ANYWHERE.sub(r"\\u0023#", seen)


def markdown(text: str) -> str:
    """Text of any origin as a part of a line, a list or a table: no mark-up, no HTML, no link comes of it."""
    return _MARKDOWN_START.sub(lambda found: _marked(found[1]), markdown_cell(text))


def markdown_cell(text: str) -> str:
    """The same within a row of a table, where nothing stands at the start of a line: figures stay as they are."""
    line = _MARKDOWN.sub(r"\\\g<0>", one_line(text).strip())
    return re.sub(r"(?i)\bwww(?=\.)", r"\g<0>\\", line)


def _marked(start: str) -> str:
    return f"{start}\\" if start.isdecimal() else f"\\{start}"


def _visible(text: str, kept: str) -> str:
    if text.isprintable() and not _NO_GLYPH.search(text):
        return text
    return "".join(char if char in kept else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return _SHORT.get(char) or ascii(char)[1:-1] if _is_hidden(char) else char


def _as_json(char: str) -> str:
    if char == "\n" or not _is_hidden(char):
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _is_hidden(char: str) -> bool:
    if char.isprintable():
        return _NO_GLYPH.match(char) is not None
    return char not in _BLANKS
