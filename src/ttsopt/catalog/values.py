"""Readers of plain values: functions of what a file says, which return it or raise what is wrong with it.

A reader raises a TypeError or a ValueError, a `KeyedError` where it is about something within the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from ttsopt.domain.patch import Scalar

Reader = Callable[[object], Any]
Wrong = list[tuple[str, BaseException]]


def put(
    made: dict[Any, Any], name: Any, read: Reader, value: object, wrong: Wrong, key: str
) -> None:
    """Put what a reader makes of a value under its name; what is wrong with it grows `wrong`, with its key."""
    try:
        made[name] = read(value)
    except (TypeError, ValueError) as error:
        wrong.append((key, error))


def as_table(value: object) -> dict[str, Any]:
    """Return a table as it is.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(value, dict):
        raise TypeError(f"expected a table, got {type(value).__name__}")
    return value


def strict(kind: type) -> Reader:
    """Return the reader of a plain type, which makes no 7 of "7": a catalogue says what it means."""

    def check(value: object) -> object:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
        return value

    return check


def scalar(value: object) -> Scalar:
    """Read a text, a number or a truth value."""
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"expected a value, got {type(value).__name__}")
    return value


def number(value: object) -> float:
    """Read a number, whole or not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {type(value).__name__}")
    return value


def word(value: object, kind: type[Enum]) -> Enum:
    """Read a word that stands for a member."""
    one_of(value, [member.value for member in kind])
    return kind(value)


def one_of(value: object, words: Iterable[object]) -> object:
    """Read one of these words."""
    known = list(words)
    if value not in known:
        raise ValueError(f"expected one of {', '.join(map(str, known))}, got {value!r}")
    return value
