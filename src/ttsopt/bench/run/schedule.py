"""The order in which the two sides are measured."""

from __future__ import annotations

from random import Random

from ttsopt.domain.measurement import Side

Pair = tuple[Side, Side]
AB, BA = (Side.BEFORE, Side.AFTER), (Side.AFTER, Side.BEFORE)
BLOCK = (AB, AB, BA, BA)


def drawn_order(rounds: int, seed: int) -> tuple[Pair, ...]:
    """One pair of sides per round, drawn from `seed`: in every four rounds each side goes first twice.

    An order that alternates can be foreseen, and noise with a period of two rounds falls on one side in it. One
    drawn round by round may by chance put one side first nearly always, so that drift counts against it.
    """
    random = Random(seed)  # noqa: S311 - an order, not a secret
    blocks = (random.sample(BLOCK, len(BLOCK)) for _ in range(0, rounds, len(BLOCK)))
    return tuple(pair for block in blocks for pair in block)[:rounds]
