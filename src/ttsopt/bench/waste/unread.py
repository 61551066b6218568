"""The share of each result that is ever read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ttsopt.bench.waste.recording import Flag, How, Recording

SMALL = 1024  # bytes: of a smaller result nothing is said


@dataclass(slots=True)
class _Result:
    """A new storage, the row that made it, and the regions of it that used rows read."""

    row: int
    size: int
    regions: set[int] = field(default_factory=set)
    is_all_read: bool = False


def read_shares(recording: Recording, used: Sequence[bool]) -> dict[int, float]:
    """Row -> the share of its result that is read, at most; of several results the one that is read most.

    Regions that overlap count twice, so the share is never too small. What outlives the call, or is shared with
    others than torch, counts as read. Of rows that are used whatever becomes of their results nothing is said.
    """
    results = _results(recording)
    shared = {storage for storage, _ in recording.shared} | recording.outlive
    for row in range(len(recording)):
        if used[row] or recording.flags[row] & Flag.RANDOM:
            for storage, region in recording.reads[row]:
                if storage in results and results[storage].row < row:
                    results[storage].regions.add(region)
    shares: dict[int, float] = defaultdict(float)
    for storage, result in results.items():
        read = sum(recording.regions[region][2] for region in result.regions)
        share = 1.0 if storage in shared else min(1.0, read / result.size)
        shares[result.row] = max(shares[result.row], share)
    small = {row for row in shares if recording.size[row] < SMALL}
    told = {row for row in shares if used[row] and not recording.flags[row] & Flag.USED}
    return {row: share for row, share in shares.items() if row in told - small}


def _results(recording: Recording) -> dict[int, _Result]:
    found = {}
    for row, writes in enumerate(recording.writes):
        for storage, region, how in writes:
            size = recording.regions[region][2]
            if how == How.MADE and size:
                found[storage] = _Result(row, size)
    return found
