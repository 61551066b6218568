"""The unified diff of a plan, byte for byte as apply writes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ttsopt.domain.plan import FileChange
from ttsopt.editing.unified.write import count_lines, unified_diff


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """The diff's bytes, and how many lines it adds and takes away."""

    data: bytes = b""
    added: int = 0
    removed: int = 0


def diff_of(changes: Iterable[FileChange]) -> PlanDiff:
    """From the files as they are to the files as they will be."""
    diffs = [
        unified_diff(change.path, change.current, change.after, change.mode) for change in changes
    ]
    counts = [count_lines(diff) for diff in diffs]
    added, removed = sum(row[0] for row in counts), sum(row[1] for row in counts)
    return PlanDiff(b"".join(diffs), added, removed)
