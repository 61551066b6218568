"""The order of the two sides."""

from __future__ import annotations

from ttsopt.bench.run.schedule import AB, BA, drawn_order


def test_in_every_four_rounds_each_side_goes_first_twice() -> None:
    for seed in range(20):
        order = drawn_order(40, seed)
        for start in range(0, 40, 4):
            assert sorted(pair is AB for pair in order[start : start + 4]) == [0, 0, 1, 1]


def test_the_order_is_drawn_and_follows_from_the_seed() -> None:
    orders = {drawn_order(8, seed) for seed in range(200)}
    assert len(orders) > 25  # of 36
    assert drawn_order(7, 3) == drawn_order(8, 3)[:7]
    assert {order[1] for order in orders if order[0] is AB} == {AB, BA}
