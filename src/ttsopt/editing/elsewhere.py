"""Where a file has what an edit did not find in its place: the door to `editing.python.elsewhere`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ttsopt.domain.patch import Edit
from ttsopt.editing.python.elsewhere import Sighting, Sought, sightings
from ttsopt.editing.python.operations import sought_by
from ttsopt.editing.python.source import parse_apart
from ttsopt.editing.unparsable import within_depth

__all__ = ["Seen", "Sighting", "Sought", "constructs_of", "seen_in"]


class Seen(NamedTuple):
    """Sightings of one construct in a file."""

    sought: Sought
    sighting: Sighting


def constructs_of(edits: Iterable[Edit]) -> list[Sought]:
    """Return what edits of Python files look for, each construct once; nothing for keys of config files.

    Raises:
        PatternError: An edit is wrong in itself.
    """
    return list(dict.fromkeys(sought for edit in edits for sought in sought_by(edit)))


def holds_words(raw: bytes, sought: Sought) -> bool:
    """True if a file may have the construct, as far as its words tell."""
    return all(word in raw for word in sought.words)


def seen_in(raw: bytes, wanted: Sequence[Sought]) -> Iterator[Seen]:
    """All places of a Python file; it is parsed once, and nothing of it is kept.

    Raises:
        UnparsableError: The file is not Python.
    """
    source = parse_apart(raw)
    with within_depth():
        for sought in wanted:
            yield from (Seen(sought, sighting) for sighting in sightings(source, sought))
