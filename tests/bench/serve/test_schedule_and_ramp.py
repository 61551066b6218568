"""Times at which requests are due, the order of sides, and the rates that are tried."""

from __future__ import annotations

import statistics
from itertools import pairwise

import pytest

from ttsopt.bench.serve.ramp import next_rate
from ttsopt.bench.serve.schedule import block_sizes, due_times, spoken, turns
from ttsopt.domain.arrivals import Arrivals
from ttsopt.domain.measurement import Side, Utterance


def test_arrivals_are_even_or_by_chance_and_those_of_a_seed() -> None:
    even = due_times(5, 4.0, Arrivals.CONSTANT, 1)
    assert even == (0.0, 0.25, 0.5, 0.75, 1.0)
    chance = due_times(4001, 4.0, Arrivals.POISSON, 1)
    gaps = [later - earlier for earlier, later in pairwise(chance)]
    assert statistics.fmean(gaps) == pytest.approx(0.25, rel=0.05)
    assert statistics.stdev(gaps) == pytest.approx(
        0.25, rel=0.1
    )  # as an exponential distribution has it
    assert chance == due_times(4001, 4.0, Arrivals.POISSON, 1)
    assert chance != due_times(4001, 4.0, Arrivals.POISSON, 2)


def test_two_sides_take_turns_in_pairs_and_one_has_one_block() -> None:
    order = list(turns((Side.BEFORE, Side.AFTER), 4, 7))
    pairs = [set(order[at : at + 2]) for at in range(0, 8, 2)]
    assert pairs == [{Side.BEFORE, Side.AFTER}] * 4
    assert order[::2].count(Side.BEFORE) == 2
    assert list(turns((Side.AFTER,), 4, 7)) == [Side.AFTER]


def test_blocks_share_the_requests_out() -> None:
    assert block_sizes(100, 5) == (20,) * 5
    assert block_sizes(7, 3) == (3, 2, 2)


def test_texts_go_on_where_the_last_block_ended() -> None:
    rows = (Utterance("a", "The birch canoe.", 0, varies=True), Utterance("b", "Mine.", 1))
    first, second = list(spoken(rows, 0, 3)), list(spoken(rows, 3, 3))
    assert [row.id for row in (*first, *second)] == ["a", "b", "a", "b", "a", "b"]
    assert len({row.text for row in (*first, *second) if row.id == "a"}) == 3
    assert {row.text for row in (*first, *second) if row.id == "b"} == {"Mine."}


@pytest.mark.parametrize(("capacity", "first"), [(10.0, 1.0), (10.0, 64.0), (0.3, 1.0)])
def test_a_ramp_ends_within_a_tenth_below_what_breaks(capacity: float, first: float) -> None:
    tried: list[tuple[float, bool]] = []
    while (rate := next_rate(tried, first)) is not None:
        tried.append((rate, rate < capacity))
    best = max(rate for rate, is_kept in tried if is_kept)
    assert capacity / 1.1 <= best < capacity
    assert len(tried) <= 16


def test_a_ramp_that_nothing_ends_and_one_that_nothing_begins() -> None:
    for kept in (True, False):
        tried: list[tuple[float, bool]] = []
        while (rate := next_rate(tried, 1.0)) is not None:
            tried.append((rate, kept))
        assert len(tried) <= 16
