"""Checks of the code in an edit: rows of a key and what is wrong there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ttsopt.editing.unparsable import PatternError

WrongCode = Iterator[tuple[str, str]]


def told(key: str, parse: Callable[[str], object], text: str) -> WrongCode:
    """Yield what a parser has to say of a text."""
    try:
        parse(text)
    except PatternError as error:
        yield key, str(error)


def values(old: Sequence[str], new: str) -> Iterator[tuple[str, str]]:
    """Yield the values of an edit with their keys."""
    yield from ((f"old[{number}]", text) for number, text in enumerate(old))
    yield "new", new
