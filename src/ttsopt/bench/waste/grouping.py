"""Rows of a recording, and what was seen beside them, gathered to tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ttsopt.bench.waste.model import WasteRow, WasteTable
from ttsopt.bench.waste.origins import origins
from ttsopt.bench.waste.recording import Chain, Recording, Seen

Groups = Mapping[tuple[Chain, str], list[int]]


@dataclass(frozen=True, slots=True)
class Told:
    """A table's name for scripts, its title for people, and a note that helps to read it."""

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

    def name(self, row: int) -> str:
        """The operation of a row."""
        return self.recording.operations[self.recording.operation[row]]

    def chain(self, row: int) -> Chain:
        """The calls that asked for a row."""
        return self.recording.chains[self.recording.chain[row]]


def table_of_calls(
    told: Told, whole: Whole, rows: Collection[int], kept: Mapping[int, int] | None = None
) -> WasteTable:
    """A table in which rows of a call of the checkout are one, where all of its work is among them.

    `kept`: bytes that a cache would hold of a row.
    """
    whole_calls = origins(whole.recording, rows)
    groups: dict[tuple[Chain, str], list[int]] = defaultdict(list)
    for row in rows:
        origin = whole_calls.get(whole.recording.chain[row])
        place = (whole.chain(row), whole.name(row)) if origin is None else (origin, "")
        groups[place].append(row)
    return _of_groups(told, whole, groups, kept or {}, {})


def table_of_rows(
    told: Told, whole: Whole, rows: Collection[int], read: Mapping[int, float] | None = None
) -> WasteTable:
    """A table of rows, those of one operation and chain together; `read`: the share of a result that is read."""
    groups: dict[tuple[Chain, str], list[int]] = defaultdict(list)
    for row in rows:
        groups[whole.chain(row), whole.name(row)].append(row)
    return _of_groups(told, whole, groups, {}, read or {})


def table_of_seen(told: Told, whole: Whole, seen: Iterable[Seen]) -> WasteTable:
    """A table of what was seen beside torch's operations."""
    chains, share = whole.recording.chains, whole.share
    rows = [
        WasteRow((one.what,), chains[one.chain], one.count, one.seconds, share(one.seconds))
        for one in seen
    ]
    return _table(told, whole, rows)


def _of_groups(
    told: Told, whole: Whole, groups: Groups, kept: Mapping[int, int], read: Mapping[int, float]
) -> WasteTable:
    rows = [_row(whole, chain, rows, kept, read) for (chain, _), rows in groups.items()]
    return _table(told, whole, rows)


def _table(told: Told, whole: Whole, rows: list[WasteRow]) -> WasteTable:
    rows.sort(key=lambda row: (-row.seconds, -row.count, row.operations))
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
    whole: Whole,
    chain: Chain,
    rows: list[int],
    kept: Mapping[int, int],
    read: Mapping[int, float],
) -> WasteRow:
    seconds = whole.recording.seconds
    by_name: dict[str, float] = defaultdict(float)
    for row in rows:
        by_name[whole.name(row)] += seconds[row]
    spent = sum(by_name.values())
    shares = [read[row] for row in rows if row in read]
    return WasteRow(
        tuple(sorted(by_name, key=lambda name: (-by_name[name], name))),
        chain,
        len(rows),
        spent,
        whole.share(spent),
        sum(kept.get(row, 0) for row in rows),
        sum(shares) / len(shares) if shares else None,
        below=tuple(dict.fromkeys(whole.chain(row) for row in rows)),
    )
