"""Find results computed again from the same inputs: within a call, and from one call to the next."""

from __future__ import annotations

from collections.abc import Collection

from ttsopt.bench.waste.recording import Flag, How, Recording

NO_KEY = -1


def computed_again(recording: Recording) -> list[int]:
    """The rows whose result another row of the call had already; what is made of nothing (`zeros`) is cheap."""
    seen: set[int] = set()
    again = []
    for row, key in enumerate(recording.key):
        if key in seen and not recording.flags[row] & Flag.FACTORY:
            again.append(row)
        if key != NO_KEY:
            seen.add(key)
    return again


def known_before(recording: Recording, keys: Collection[int]) -> list[int]:
    """The rows whose result a call with these keys had already, cheap ones left out as above."""
    return [
        row
        for row, key in enumerate(recording.key)
        if key in keys and not recording.flags[row] & Flag.FACTORY
    ]


def keys_of(recording: Recording) -> frozenset[int]:
    """All keys of a call."""
    return frozenset(recording.key) - {NO_KEY}


def bytes_to_keep(recording: Recording, rows: Collection[int]) -> dict[int, int]:
    """Row -> the bytes of its result, for those rows of which something else is made than another of `rows`."""
    known = set(rows)
    maker = {
        storage: row
        for row in sorted(known)
        for storage, _, how in recording.writes[row]
        if how == How.MADE
    }
    wanted = {
        maker[storage]
        for row, reads in enumerate(recording.reads)
        if row not in known
        for storage, _ in reads
        if storage in maker
    }
    wanted |= {row for row in known if recording.flags[row] & Flag.OPAQUE}
    wanted |= {maker[storage] for storage, _ in recording.shared if storage in maker}
    return {row: recording.size[row] for row in wanted}
