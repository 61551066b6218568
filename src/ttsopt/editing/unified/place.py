"""Where the lines of a hunk stand in a file: GNU patch without fuzz, and never one of several places."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, islice

from ttsopt.editing.unified.file_diff import Hunk
from ttsopt.editing.unified.lines import split_lines


@dataclass(frozen=True)
class Text:
    """A file's bytes and where its lines begin."""

    data: bytes

    @cached_property
    def lines(self) -> list[bytes]:
        """The lines, with their ends."""
        return split_lines(self.data)

    @cached_property
    def starts(self) -> list[int]:
        """Offset of every line, and of the end."""
        return list(accumulate(map(len, self.lines), initial=0))

    def holds(self, wanted: Sequence[bytes], at: int) -> bool:
        """Return True if those lines stand at line `at` (0-based)."""
        return at >= 0 and self.lines[at : at + len(wanted)] == list(wanted)

    def places(self, wanted: Sequence[bytes], first: int) -> Iterator[int]:
        """The lines at or below `first` where those lines stand; searched as bytes, which is fast."""
        sought = b"".join(wanted)
        offset = self.data.find(sought, self.starts[min(first, len(self.lines))])
        while offset >= 0:
            at = bisect_left(self.starts, offset)
            if self.starts[at] == offset and self.holds(wanted, at):
                yield at
            offset = self.data.find(sought, offset + 1)


@dataclass(frozen=True, slots=True)
class Side:
    """The old or the new lines of a hunk: where it says that they stand, and how much context holds them."""

    wanted: tuple[bytes, ...]
    at: int
    leading: int
    trailing: int
    ends_file: bool

    @property
    def changed_until(self) -> int:
        """How many of the lines lie before the context at the end."""
        return len(self.wanted) - self.trailing


def old_side(hunk: Hunk) -> Side:
    """Return what must stand in the file."""
    return Side(hunk.old, hunk.old_at, hunk.leading, hunk.trailing, hunk.ends_file)


def new_side(hunk: Hunk) -> Side:
    """Return what stands there once the hunk is applied."""
    return Side(hunk.new, hunk.new_at, hunk.leading, hunk.trailing, hunk.ends_file)


def locate(text: Text, side: Side, first: int, moved: bool) -> tuple[int, ...]:
    """The lines (0-based, at or below `first`) where a hunk can be meant to stand: one, none, or the first two.

    Where no hunk before it has moved, the place that it names is the one. Less context before than after the
    change means the start of the file, less after it than before means the end (GNU patch 2.7, `locate_hunk`
    with a fuzz of 0): diff gives less there alone.
    """
    if not side.wanted:
        return ()
    end = len(text.lines) - len(side.wanted)
    found = tuple(islice(_places(text, side, first, moved, end), 2))
    # Elsewhere GNU patch supplies the line end that the diff takes away: then it is not what was meant.
    return tuple(at for at in found if at == end) if side.ends_file and not found[1:] else found


def _places(text: Text, side: Side, first: int, moved: bool, end: int) -> Iterator[int]:
    anchors = []
    if side.leading < side.trailing and side.at == 0:
        anchors.append(0)
    if side.trailing < side.leading:
        anchors.append(end)
    if not anchors and not moved and text.holds(side.wanted, side.at):
        anchors.append(side.at)
    if not anchors:
        yield from text.places(side.wanted, first)
    elif anchors[0] >= first and text.holds(side.wanted, anchors[0]):
        yield anchors[0]
