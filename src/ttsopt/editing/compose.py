"""A patched file is its original bytes with the splices of all its patches; nothing else is ever kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ttsopt.domain.blob_id import blob_id
from ttsopt.domain.plan import Splice
from ttsopt.editing.languages import check_parses
from ttsopt.editing.unparsable import UnparsableError


class ConflictError(ValueError):
    """Two patches want to change the same bytes in different ways, at `offset` of the original (-1: unknown)."""

    def __init__(self, reason: str, offset: int = -1) -> None:
        super().__init__(reason)
        self.offset = offset


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
    """Splices by position; insertions at one place by rank, then by text, so that no order of patches matters.

    Raises:
        ConflictError: As `compose`.
    """
    # Of equal splices, which may differ in rank, the first stays.
    ordered = dict.fromkeys(sorted(splices, key=_position))
    position = 0
    for splice in ordered:
        if splice.start < position:
            raise ConflictError("both change the same bytes", splice.start)
        if original[splice.start : splice.end] != splice.removed:
            reason = "the bytes there are not those that the change was made for"
            raise ConflictError(reason, splice.start)
        position = splice.end
    return list(ordered)


def place(original: bytes, splices: Iterable[Splice]) -> tuple[Placed, ...]:
    """Where the text of every splice ends up in the composed file."""
    placed: list[Placed] = []
    shift = 0
    for splice in in_order(original, splices):
        start = splice.start + shift
        placed.append(Placed(splice, start, start + len(splice.inserted)))
        shift += len(splice.inserted) - len(splice.removed)
    return tuple(placed)


def compose_checked(
    path: str, original: bytes, splices: Iterable[Splice], proven: str = ""
) -> bytes:
    """As `compose`, and a file that could be read as Python, YAML or TOML (by its name) still can.

    That is not asked of a result with the `proven` id (`blob_id`).

    Raises:
        ConflictError: As `compose`, or the result does not parse.
    """
    composed = compose(original, splices)
    if proven and blob_id(composed) == proven:
        return composed
    try:
        check_parses(path, composed)
    except UnparsableError as error:
        if _parses(path, original):
            message = f"the result would be {error.reason} (line {error.line})"
            raise ConflictError(message) from error
    return composed


def _position(splice: Splice) -> tuple[int, int, int, bytes]:
    return splice.start, splice.end, splice.rank, splice.inserted


def _parses(path: str, data: bytes) -> bool:
    try:
        check_parses(path, data)
    except UnparsableError:
        return False
    return True
