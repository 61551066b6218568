"""Find the rows of a recorded call that were of use: backward from what Python saw and what was left behind.

A row is used if it says so itself, or if a byte that it wrote is read by a used row before it is written again,
is in a storage that outlives the call or was there before it, or is shared with others than torch. So is one that
gives the memory that a used row writes into. Regions are taken for all between their first and last byte: a doubt
never accuses.
"""

from __future__ import annotations

from collections import defaultdict

from ttsopt.bench.waste.recording import Flag, How, Recording

Spans = list[tuple[int, int]]  # disjoint, sorted


def used_rows(recording: Recording) -> list[bool]:
    """One truth a row. A draw of random numbers is judged by its own result; what it reads is used in any case."""
    live = _Live(recording)
    used = [True] * len(recording)
    for row in reversed(range(len(recording))):
        flags, writes = recording.flags[row], recording.writes[row]
        filled = [write for write in writes if recording.regions[write[1]][2]]
        is_idle = flags & Flag.VIEW or (not filled and not flags & Flag.USED)
        is_memory = flags & Flag.FACTORY and any(write[0] in live.filled for write in filled)
        is_used = flags & Flag.USED or is_memory or any(map(live.is_wanted, filled))
        used[row] = bool(is_idle or is_used)
        for storage, region, how in filled:
            if how != How.CHANGED:
                live.settle(storage, region)
        if used[row]:
            live.filled.update(storage for storage, _, how in filled if how != How.MADE)
        if used[row] or flags & Flag.RANDOM:
            for storage, region in recording.reads[row]:
                live.want(storage, region)
    return used


class _Live:
    """The bytes that are still wanted, walking backward."""

    def __init__(self, recording: Recording) -> None:
        self.filled = set[int]()  # storages that a used row writes into
        self._regions = recording.regions
        made = {write[0] for writes in recording.writes for write in writes if write[2] == How.MADE}
        written = {write[0] for writes in recording.writes for write in writes}
        self._always = recording.outlive | (written - made)
        self._wanted: dict[int, Spans] = defaultdict(list)
        self._shared: dict[int, Spans] = defaultdict(list)
        for storage, region in recording.shared:
            first, end, _ = recording.regions[region]
            self._shared[storage] = joined(self._shared[storage], first, end)

    def is_wanted(self, write: tuple[int, int, int]) -> bool:
        """True if somebody reads a byte of what is written."""
        storage, (first, end, _) = write[0], self._regions[write[1]]
        return (
            storage in self._always
            or overlaps(self._wanted[storage], first, end)
            or overlaps(self._shared[storage], first, end)
        )

    def want(self, storage: int, region: int) -> None:
        """Want what a used row reads."""
        first, end, _ = self._regions[region]
        self._wanted[storage] = joined(self._wanted[storage], first, end)

    def settle(self, storage: int, region: int) -> None:
        """Want no longer what is written here, if every byte of the region is."""
        first, end, size = self._regions[region]
        if size == end - first:
            self._wanted[storage] = cut(self._wanted[storage], first, end)


def overlaps(spans: Spans, first: int, end: int) -> bool:
    """True if a byte from `first` to below `end` is in one of the spans."""
    return any(first < there_end and there < end for there, there_end in spans)


def joined(spans: Spans, first: int, end: int) -> Spans:
    """The spans with one more."""
    if first >= end:
        return spans
    apart = [span for span in spans if span[1] < first or end < span[0]]
    near = [span for span in spans if not (span[1] < first or end < span[0])]
    whole = min([first, *(a for a, _ in near)]), max([end, *(b for _, b in near)])
    return sorted([*apart, whole])


def cut(spans: Spans, first: int, end: int) -> Spans:
    """The spans without what lies from `first` to below `end`."""
    pieces = [((a, min(b, first)), (max(a, end), b)) for a, b in spans]
    return [(a, b) for piece in pieces for a, b in piece if a < b]
