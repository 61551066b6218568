"""How inserted code is laid out: indentation, tabs, line ends, and lines that a statement has for itself."""

from __future__ import annotations

import ast
import re
import textwrap

from ttsopt.editing.source import PythonSource


def lay_out(source: PythonSource, code: str, indentation: bytes) -> bytes:
    """Code at an indentation, with the file's own line ends, and tabs where it indents with tabs."""
    lines = textwrap.dedent(code).strip("\n").split("\n")
    unit = b"\t" if b"\t" in indentation or _indents_with_tabs(source) else b"    "
    return b"".join(_indent(line, indentation, unit) + source.newline for line in lines)


def alone(source: PythonSource, statement: ast.stmt) -> bool:
    """Whether a statement has its lines for itself, but for a comment behind it."""
    start, end = source.span(statement)
    line_start = source.line_starts[statement.lineno - 1]
    assert statement.end_lineno is not None
    line_end = source.line_starts[statement.end_lineno]
    before, behind = source.data[line_start:start], source.data[end:line_end]
    return not before.strip() and re.fullmatch(rb"\s*(#[^\r\n]*)?\s*", behind) is not None


def whole_span(source: PythonSource, statement: ast.stmt) -> tuple[int, int]:
    """Start and end of a statement with its decorators."""
    start, end = source.span(statement)
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    if decorators:
        start = source.data.rindex(b"@", 0, source.span(decorators[0])[0])
    return start, end


def is_elif(source: PythonSource, statement: ast.stmt) -> bool:
    """Whether a statement is a branch of the `if` above it, which nothing else can take the place of."""
    return isinstance(statement, ast.If) and source.data.startswith(
        b"elif", source.span(statement)[0]
    )


def line_before(source: PythonSource, statement: ast.stmt) -> int:
    """Offset of the line that a statement, its decorators included, begins on."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(node.lineno for node in decorators)])
    return source.line_starts[first - 1]


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


def _indents_with_tabs(source: PythonSource) -> bool:
    return b"\n\t" in source.data and b"\n    " not in source.data


def _indent(line: str, indentation: bytes, unit: bytes) -> bytes:
    if not line.strip():
        return b""
    body = line.lstrip(" ")
    levels, rest = divmod(len(line) - len(body), 4)
    return indentation + unit * levels + b" " * rest + body.encode()
