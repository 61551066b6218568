"""A file's bytes read as Python: for their syntax tree, or only to see that they are Python."""

from __future__ import annotations

import ast
import tokenize
import warnings
from collections.abc import Callable
from typing import TypeVar

from ttsopt.editing.python.grammar import explained
from ttsopt.editing.unparsable import UnparsableError

T = TypeVar("T")


def check_python(raw: bytes) -> None:
    """See that bytes are Python. Compiling tells it in half of the time that a tree takes.

    Raises:
        UnparsableError: The bytes are no text in the declared encoding, or no Python.
    """
    read_as_python(raw, _compile_quietly)


def read_as_python(raw: bytes, parse: Callable[[str], T]) -> tuple[str, bytes, T]:
    """The file's encoding, its text in UTF-8 without a byte order mark, and what `parse` makes of the text.

    Raises:
        UnparsableError: The bytes are no text in the declared encoding, or `parse` takes them for no Python.
    """
    try:
        # Not BytesIO.readline, which does not end a line at the CR that Python's own tokenizer does.
        lines = iter(raw.splitlines(keepends=True))
        encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
        text = raw.decode(encoding)
        gives_back = text.encode(encoding) == raw
        read = encoding, text.encode(), parse(text)
    except UnicodeDecodeError as error:
        raise UnparsableError(
            f"not text in {error.encoding}: {error.reason}", _line_at(raw, error.start)
        ) from error
    except SyntaxError as error:
        reason, needs = explained(error.msg, _line(raw, error.lineno or 0))
        raise UnparsableError(reason, error.lineno or 0, needs) from error
    except (ValueError, LookupError, RecursionError, MemoryError) as error:
        reason = str(error) or "nested too deeply"
        raise UnparsableError(f"not valid Python: {reason}") from error
    if not gives_back:
        # Such as UTF-7, which writes one text in several ways: offsets would not point into the file.
        raise UnparsableError(f"its encoding, {encoding}, does not give its bytes back")
    return read


def parse_quietly(text: str) -> ast.Module:
    """`ast.parse` without its warnings about somebody else's escape sequences."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _compile_quietly(text: str) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(text, "<patched>", "exec", dont_inherit=True)


def _line(raw: bytes, number: int) -> str:
    lines = raw.splitlines()
    return lines[number - 1].decode(errors="replace") if 0 < number <= len(lines) else ""


def _line_at(raw: bytes, offset: int) -> int:
    return raw[:offset].count(b"\n") + 1
