"""A patched file is its original bytes with the splices of all its patches; nothing else is ever kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ttsopt.domain.plan import Splice
from ttsopt.editing.source import UnparsableError, parse_source


class ConflictError(ValueError):
    """Two patches want to change the same bytes in different ways."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A splice and where its text lies in the composed file: bytes `start` to `end`."""

    splice: Splice
    start: int
    end: int


def compose(original: bytes, splices: Iterable[Splice]) -> bytes:
    """The original with all splices made. The same splice wanted by several patches is made once.

    Raises:
        ConflictError: Splices overlap, or were not resolved against this original.
    """
    out: list[bytes] = []
    position = 0
    for splice in in_order(original, splices):
        out += [original[position : splice.start], splice.inserted]
        position = splice.end
    return b"".join([*out, original[position:]])


def in_order(original: bytes, splices: Iterable[Splice]) -> Sequence[Splice]:
    """Splices by position; insertions at one place by their text, so that no order of patches matters.

    Raises:
        ConflictError: As `compose`.
    """
    ordered = sorted(set(splices), key=lambda splice: (splice.start, splice.end, splice.inserted))
    position = 0
    for splice in ordered:
        if splice.start < position:
            raise ConflictError(f"two changes of the same bytes, at {splice.start}")
        if original[splice.start : splice.end] != splice.removed:
            raise ConflictError(
                f"the bytes at {splice.start} are not those that the change was made for"
            )
        position = splice.end
    return ordered


def place(original: bytes, splices: Iterable[Splice]) -> tuple[Placed, ...]:
    """Where the text of every splice ends up in the composed file."""
    placed: list[Placed] = []
    shift = 0
    for splice in in_order(original, splices):
        start = splice.start + shift
        placed.append(Placed(splice, start, start + len(splice.inserted)))
        shift += len(splice.inserted) - len(splice.removed)
    return tuple(placed)


def compose_python(original: bytes, splices: Iterable[Splice]) -> bytes:
    """As `compose`, and what comes out is Python again.

    Raises:
        ConflictError: As `compose`, or the result does not parse.
    """
    composed = compose(original, splices)
    try:
        parse_source(composed)
    except UnparsableError as error:
        raise ConflictError(f"the result would be {error.reason} (line {error.line})") from error
    return composed
