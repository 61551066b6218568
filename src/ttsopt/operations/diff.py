"""The unified diff of a plan, byte for byte as apply writes it."""

from __future__ import annotations

from collections.abc import Iterable

from ttsopt.domain.plan import FileChange
from ttsopt.editing.diff import count_lines, unified_diff


def diff_of(changes: Iterable[FileChange]) -> bytes:
    """From the files as they are to the files as they will be."""
    return b"".join(unified_diff(change.path, change.current, change.after) for change in changes)


def lines_changed(diff: bytes) -> tuple[int, int]:
    """Lines that a diff adds and takes away."""
    return count_lines(diff)
