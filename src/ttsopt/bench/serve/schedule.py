"""Times at which requests are due, and the order of both sides."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from random import Random

from ttsopt.bench.run.schedule import drawn_order
from ttsopt.bench.run.variation import of_round
from ttsopt.domain.arrivals import Arrivals
from ttsopt.domain.measurement import Side, Utterance


def due_times(count: int, rate: float, arrivals: Arrivals, seed: int) -> tuple[float, ...]:
    """Return when each of `count` requests is due, in seconds from the start, at `rate` a second.

    Constant ones are 1 / rate apart; of a Poisson process the gaps are drawn from an exponential distribution.
    """
    random = Random(seed)  # noqa: S311 - a timetable, not a secret
    poisson = arrivals is Arrivals.POISSON
    gaps = (random.expovariate(rate) if poisson else 1 / rate for _ in range(count - 1))
    return tuple(itertools.accumulate(gaps, initial=0.0))


def turns(sides: Sequence[Side], blocks: int, seed: int) -> Iterator[Side]:
    """Yield the side of each block: of two, pair by pair in a drawn order; of one, a single block."""
    if len(sides) == 1:
        yield from sides
        return
    for pair in drawn_order(blocks, seed):
        yield from pair


def block_sizes(requests: int, blocks: int) -> tuple[int, ...]:
    """Return how many requests each block has: equally many, or in the first blocks one more."""
    each, more = divmod(requests, blocks)
    return tuple(each + (number < more) for number in range(blocks))


def spoken(texts: Sequence[Utterance], first: int, count: int) -> Iterator[Utterance]:
    """Yield `count` texts from number `first` on; ttsopt's own have other words each time round.

    A server that keeps what it has said once answers a text that comes again from memory.
    """
    for number in range(first, first + count):
        turn, index = divmod(number, len(texts))
        yield of_round(texts[index], turn)
