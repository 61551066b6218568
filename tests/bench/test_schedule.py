"""The order of the two sides."""

from __future__ import annotations

from ttsopt.bench.run.schedule import abba_order
from ttsopt.domain.measurement import Side


def test_each_round_turns_the_pair_round() -> None:
    order = abba_order(4, seed=3)
    assert [first for first, _ in order[::2]] == [order[0][0]] * 2
    assert order[1] == order[0][::-1]
    assert order[2:] == order[:2]
    assert all(set(pair) == set(Side) for pair in order)


def test_the_seed_decides_which_side_starts() -> None:
    starts = {abba_order(1, seed)[0][0] for seed in range(20)}
    assert starts == set(Side)
    assert abba_order(5, 7) == abba_order(5, 7)
