"""The order in which the two sides are measured."""

from __future__ import annotations

from random import Random

from ttsopt.domain.measurement import Side

Pair = tuple[Side, Side]


def abba_order(rounds: int, seed: int) -> tuple[Pair, ...]:
    """One pair of sides per round, turned round each time: AB BA AB BA, or BA AB BA AB.

    A drift that is linear in time cancels over two rounds, and the start drawn from `seed` keeps a
    periodic one from always falling on the same side.
    """
    first = Random(seed).choice((Side.BEFORE, Side.AFTER))  # noqa: S311 - an order, not a secret
    second = Side.AFTER if first is Side.BEFORE else Side.BEFORE
    return tuple((first, second) if i % 2 == 0 else (second, first) for i in range(rounds))
