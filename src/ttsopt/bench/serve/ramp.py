"""Rates that are tried on the way to the highest that keeps a service level."""

from __future__ import annotations

import math
from collections.abc import Sequence

GROWTH = 2.0
# Rates nearer than this to each other are not told apart: a tenth is within the noise of a machine.
NEAR = 1.1
MOST_RATES = 16
Tried = Sequence[tuple[float, bool]]


def next_rate(tried: Tried, first: float) -> float | None:
    """Return the next rate, from (rate, whether it kept the level) so far; None at the end.

    Doubles until the level breaks (halves, where the first one broke), then goes between the highest that kept it
    and the lowest that broke it, in the middle of their logarithms.
    """
    if not tried:
        return first
    if len(tried) >= MOST_RATES:
        return None
    kept = max((rate for rate, is_kept in tried if is_kept), default=None)
    broken = min((rate for rate, is_kept in tried if not is_kept), default=None)
    if broken is None:
        return GROWTH * (kept or first)
    if kept is None:
        return broken / GROWTH if len(tried) < MOST_RATES // 2 else None
    return None if broken <= NEAR * kept else math.sqrt(kept * broken)
