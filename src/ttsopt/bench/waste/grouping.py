"""Rows of a recording, and what was seen beside them, gathered to tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ttsopt.bench.waste.model import WasteRow, WasteTable
from ttsopt.bench.waste.recording import Recording, Seen


@dataclass(frozen=True, slots=True)
class Told:
    """What a table is called in scripts and for people, and what has to be known to read it."""

    name: str
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """The call that rows are of: its id, its recording, the seconds that shares are of."""

    id: str
    recording: Recording
    seconds: float

    def share(self, seconds: float) -> float | None:
        """Seconds as a share of the call, between 0 and 1; None where it took no time."""
        return seconds / self.seconds if self.seconds else None


def table_of_rows(
    told: Told,
    whole: Whole,
    rows: Collection[int],
    kept: Mapping[int, int] | None = None,
    read: Mapping[int, float] | None = None,
) -> WasteTable:
    """A table of rows of the call, those of one operation and chain together, the longest first.

    `kept`: bytes that a cache would hold of a row; `read`: the share of its result that is read.
    """
    recording = whole.recording
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in rows:
        groups[recording.chain[row], recording.operation[row]].append(row)
    gathered = [_row(whole, group, kept or {}, read or {}) for group in groups.values()]
    return _table(told, whole, gathered)


def table_of_seen(told: Told, whole: Whole, seen: Iterable[Seen]) -> WasteTable:
    """A table of what was seen beside torch's operations."""
    chains, share = whole.recording.chains, whole.share
    rows = [
        WasteRow(one.what, chains[one.chain], one.count, one.seconds, share(one.seconds))
        for one in seen
    ]
    return _table(told, whole, rows)


def _table(told: Told, whole: Whole, rows: list[WasteRow]) -> WasteTable:
    rows.sort(key=lambda row: (-row.seconds, -row.count, row.operation))
    seconds = sum(row.seconds for row in rows)
    return WasteTable(
        told.name,
        told.title,
        whole.id,
        seconds,
        whole.share(seconds),
        sum(row.count for row in rows),
        tuple(rows),
        sum(row.bytes_kept for row in rows),
        told.note,
    )


def _row(
    whole: Whole, group: list[int], kept: Mapping[int, int], read: Mapping[int, float]
) -> WasteRow:
    recording, first = whole.recording, group[0]
    seconds = sum(recording.seconds[row] for row in group)
    shares = [read[row] for row in group if row in read]
    return WasteRow(
        recording.operations[recording.operation[first]],
        recording.chains[recording.chain[first]],
        len(group),
        seconds,
        whole.share(seconds),
        sum(kept.get(row, 0) for row in group),
        sum(shares) / len(shares) if shares else None,
    )
