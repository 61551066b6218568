"""The form in which a module describes an operation on Python code, and checks of the code that a patch gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ttsopt.domain.patch import Edit
from ttsopt.editing.checking import WrongCode, told
from ttsopt.editing.python.elsewhere import Sought
from ttsopt.editing.python.found import Found
from ttsopt.editing.python.nearest import Candidate
from ttsopt.editing.python.pattern import parse_pattern
from ttsopt.editing.python.source import PythonSource

E = TypeVar("E", bound=Edit)


@dataclass(frozen=True, slots=True)
class Operation(Generic[E]):
    """An operation's edits, what one finds in a file, what is wrong with its code, and where else to look.

    `nearest` gives the thing most like a construct that was not found, `sought` the constructs that are looked for
    in the rest of the system. `adds_lines`: what it finds are whole lines, which are joined with those of others.
    """

    kind: type[E]
    look: Callable[[PythonSource, E], Found]
    check: Callable[[E], WrongCode]
    nearest: Callable[[PythonSource, E], Candidate | None] = lambda _source, _edit: None
    sought: Callable[[E], Iterator[Sought]] = lambda _edit: iter(())
    adds_lines: bool = False


def check_pattern(key: str, text: str) -> WrongCode:
    """Yield why a text is no pattern."""
    yield from told(key, parse_pattern, text)


def check_patterns(key: str, texts: Sequence[str]) -> WrongCode:
    """Yield why texts of a list are no patterns."""
    for number, text in enumerate(texts):
        yield from check_pattern(f"{key}[{number}]", text)
