"""The origins of a table's rows: the outermost calls of the checkout of which all work is in the table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from ttsopt.bench.waste.recording import Chain, Flag, Recording

# A call is whole in a table if this share of its seconds is: cheap operations may be missing.
WHOLE = 0.95
# What no table can have: it takes no part in what is computed.
NEUTRAL = Flag.VIEW | Flag.SEEN | Flag.FACTORY
Path = Chain  # outermost first


def origins(recording: Recording, rows: Collection[int]) -> dict[int, Chain]:
    """Chain -> the part of it, innermost first, that ends in the outermost call that is whole in `rows`.

    Chains of which no call is whole are not in it.
    """
    taken = {row for row in rows if not recording.flags[row] & NEUTRAL}
    work = [row for row in range(len(recording)) if not recording.flags[row] & NEUTRAL]
    wasted, total = _seconds(recording, taken), _seconds(recording, work)
    found = {}
    for chain in {recording.chain[row] for row in rows}:
        frames = recording.chains[chain]
        path = tuple(reversed(frames))
        depths = range(1, len(path) + 1)
        whole = (end for end in depths if wasted[path[:end]] >= WHOLE * total[path[:end]] > 0)
        depth = next(whole, None)
        if depth is not None:
            found[chain] = frames[len(frames) - depth :]
    return found


def _seconds(recording: Recording, rows: Collection[int]) -> dict[Path, float]:
    """Path of calls -> seconds of the rows below it."""
    by_chain: dict[int, float] = defaultdict(float)
    for row in rows:
        by_chain[recording.chain[row]] += recording.seconds[row]
    seconds: dict[Path, float] = defaultdict(float)
    for chain, spent in by_chain.items():
        path = tuple(reversed(recording.chains[chain]))
        for end in range(1, len(path) + 1):
            seconds[path[:end]] += spent
    return seconds
