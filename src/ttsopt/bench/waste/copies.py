"""Copies that nobody needs: of a tensor that is not changed afterwards, into one that is not changed either."""

from __future__ import annotations

from collections import defaultdict

from ttsopt.bench.waste.recording import Flag, How, Recording


def needless_copies(recording: Recording) -> list[int]:
    """The rows that copy values in the same type and layout, where the original would have done.

    A copy is needed where, from then on, either side is written, or where one outlives the call or is shared with
    others than torch.
    """
    last_write = _last_writes(recording)
    shared = {storage for storage, _ in recording.shared}
    kept = recording.outlive | shared
    found = []
    for row, flags in enumerate(recording.flags):
        if not flags & Flag.COPY or flags & Flag.RANDOM or not recording.reads[row]:
            continue
        source = recording.reads[row][0][0]
        targets = [storage for storage, _, how in recording.writes[row] if how == How.MADE]
        changed = any(last_write[storage] > row for storage in (source, *targets))
        if targets and not changed and not kept.intersection(targets) and source not in shared:
            found.append(row)
    return found


def _last_writes(recording: Recording) -> dict[int, int]:
    """Storage -> the last row that writes it; -1 where none does."""
    last: dict[int, int] = defaultdict(lambda: -1)
    for row, writes in enumerate(recording.writes):
        for storage, _, _ in writes:
            last[storage] = row
    return last
