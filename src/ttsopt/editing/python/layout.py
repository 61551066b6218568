"""How inserted code is laid out: indentation, tabs, line ends, and lines that a statement has for itself."""

from __future__ import annotations

import ast
import io
import re
import textwrap
import tokenize
from collections.abc import Iterator
from itertools import pairwise

from ttsopt.editing.python.placeholders import with_placeholders
from ttsopt.editing.python.source import PythonSource

_UNSEEN = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
# Since Python 3.12 the text of an f-string is a token of its own.
_STRINGS = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
# Before a statement stands the end of another one, or of the head that it is below.
_CONTINUED = re.compile(rb"(?:(?![ \t\f]*#)[^\r\n]*[:;])?[ \t\f]*\\(?:\r\n?|\n)")
_SAME_LINE = re.compile(rb"[ \t\f]*(?:\\(?:\r\n?|\n)[ \t\f]*)*;")


def lay_out(source: PythonSource, code: str, indentation: bytes) -> bytes:
    """Code at an indentation, with the file's own line ends, and tabs where it indents with tabs.

    What lies within a string over several lines stays as it is, but for a docstring.
    """
    code = textwrap.dedent(code).strip("\n")
    unit = b"\t" if b"\t" in indentation or _indents_with_tabs(source) else b"    "
    kept = _within_strings(code)
    lines = [
        line.encode() if number in kept else _indent(line, indentation, unit)
        for number, line in enumerate(code.split("\n"), 1)
    ]
    return b"".join(line + source.newline for line in lines)


def alone(source: PythonSource, statement: ast.stmt) -> bool:
    """Return True if a statement has its lines for itself, but for a comment behind it."""
    start, end = source.span(statement)
    line_start = source.line_starts[statement.lineno - 1]
    assert statement.end_lineno is not None
    line_end = source.line_starts[statement.end_lineno]
    before, behind = source.data[line_start:start], source.data[end:line_end]
    return (
        not before.strip(b" \t\f")
        and not _goes_on(source, line_start)
        and re.fullmatch(rb"\s*(#[^\r\n]*)?\s*", behind) is not None
    )


def shares_line(source: PythonSource, statement: ast.stmt, following: ast.stmt) -> bool:
    """Return True if the next statement of a block comes after a semicolon."""
    end = source.span(statement)[1]
    return end < source.span(following)[0] and _SAME_LINE.match(source.data, end) is not None


def whole_span(source: PythonSource, statement: ast.stmt) -> tuple[int, int]:
    """Start and end of a statement with its decorators."""
    start, end = source.span(statement)
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    if decorators:
        start = source.data.rindex(b"@", 0, source.span(decorators[0])[0])
    return start, end


def is_elif(source: PythonSource, statement: ast.stmt) -> bool:
    """Return True if a statement is a branch of the `if` above it, which nothing else can take the place of."""
    return isinstance(statement, ast.If) and source.data.startswith(
        b"elif", source.span(statement)[0]
    )


def line_before(source: PythonSource, statement: ast.stmt) -> int:
    """Offset of the line that a statement, its decorators included, begins on."""
    return source.line_start(whole_span(source, statement)[0])


def begins_line(source: PythonSource, statement: ast.stmt) -> bool:
    """Return True if nothing but white space comes before a statement on its line, nor a backslash above it."""
    start = whole_span(source, statement)[0]
    line = source.line_start(start)
    return not source.data[line:start].strip() and not _goes_on(source, line)


def line_after(source: PythonSource, statement: ast.stmt) -> int:
    """Offset behind the last line of a statement."""
    assert statement.end_lineno is not None
    return source.line_starts[statement.end_lineno]


def added_lines(source: PythonSource, offset: int, code: bytes) -> bytes:
    """Laid-out lines as they are put at the start of a line, or behind a last line that has no line end."""
    if offset == 0 or source.data[:offset].endswith((b"\n", b"\r")):
        return code
    # The file ends without a line end, and goes on doing so.
    return source.newline + code.removesuffix(source.newline)


def ends_in_comment(code: str) -> bool:
    """Return True if whatever came behind a piece of Python, on its last line, would be part of a comment."""
    kinds = [token.type for token in _tokens(textwrap.dedent(code).strip())]
    return [kind for kind in kinds if kind not in _UNSEEN][-1:] == [tokenize.COMMENT]


def _goes_on(source: PythonSource, line_start: int) -> bool:
    """True if a line on which a statement begins continues the one above, by a backslash outside a comment."""
    above = source.data[source.line_start(max(line_start - 1, 0)) : line_start]
    return _CONTINUED.fullmatch(above) is not None


def _within_strings(code: str) -> set[int]:
    """The lines (1-based) that begin within a string in which blanks count: not in one that opens a block."""
    tokens = list(_tokens(code))
    inside = (
        token
        for above, token in pairwise(tokens)
        if token.type in _STRINGS and above.type != tokenize.INDENT
    )
    return {number for one in inside for number in range(one.start[0] + 1, one.end[0] + 1)}


def _tokens(code: str) -> Iterator[tokenize.TokenInfo]:
    # As universal newlines: the tokenizer knows no line end that is a CR alone.
    lines = io.StringIO(with_placeholders(code), newline=None)
    return tokenize.generate_tokens(lines.readline)


def _indents_with_tabs(source: PythonSource) -> bool:
    return b"\n\t" in source.data and b"\n    " not in source.data


def _indent(line: str, indentation: bytes, unit: bytes) -> bytes:
    if not line.strip():
        return b""
    body = line.lstrip(" ")
    levels, rest = divmod(len(line) - len(body), 4)
    return indentation + unit * levels + b" " * rest + body.encode()
