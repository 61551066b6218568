"""When a run may stop, and what it may say: the rates themselves are in docs/results/decisions.md."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ttsopt.bench.stats.sequential import (
    Decision,
    InterimPlan,
    decide,
    interim_plan,
    interval_level,
    noise_floor,
    printed_level,
    sequential_bounds,
    sequential_estimate,
)
from ttsopt.domain.measurement import Interval, Verdict

PLAN = interim_plan(5, 40)
TEN = interim_plan(10, 10)
PLANS = st.tuples(st.integers(1, 60), st.integers(0, 1000)).map(
    lambda row: interim_plan(row[0], sum(row))
)
RATIOS = st.lists(st.floats(0.01, 100), min_size=1, max_size=40)


def spread(ratio: float, noise: float, count: int) -> list[float]:
    """Ratios around `ratio`, exactly as far apart as `noise` (the deviation of their logarithms) says."""
    turns = [1.0 if i % 2 else -1.0 for i in range(count - count % 2)] + [0.0] * (count % 2)
    scale = noise * math.sqrt((count - 1) / max(len(turns) - count % 2, 1))
    return [ratio * math.exp(scale * turn) for turn in turns]


def run(random: Random, plan: InterimPlan, ratio: float, noise: float) -> Decision:
    """Rounds with normal noise until it may stop."""
    ratios: list[float] = []
    for look in plan.rounds:
        ratios += [ratio * math.exp(random.gauss(0, noise)) for _ in range(look - len(ratios))]
        if decide(ratios, plan).settled:
            break
    return decide(ratios, plan)


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [
        (5, 40, (5, 8, 12, 18, 27, 40)),
        (5, 30, (5, 8, 12, 18, 30)),  # 27 is too close to the last
        (5, 6, (5, 6)),
        (7, 7, (7,)),
        (1, 1, (1,)),
        (1, 2, (2,)),
        (1, 5, (2, 3, 5)),
    ],
)
def test_looks_are_further_and_further_apart(
    least: int, most: int, expected: tuple[int, ...]
) -> None:
    assert interim_plan(least, most).rounds == expected


@given(PLANS)
def test_looks_ascend(plan: InterimPlan) -> None:
    assert list(plan.rounds) == sorted(set(plan.rounds))


@pytest.mark.parametrize(("least", "most"), [(0, 5), (6, 5)])
def test_looks_need_rounds(least: int, most: int) -> None:
    with pytest.raises(ValueError, match="no interim"):
        interim_plan(least, most)


@given(PLANS, st.sampled_from([0.9, 0.95, 0.99]))
def test_the_looks_spend_the_whole_error_together(plan: InterimPlan, level: float) -> None:
    spent = [1 - interval_level(plan, count, level) for count in plan.rounds]
    assert min(spent) > 0
    assert math.fsum(spent) == pytest.approx(1 - level)


@given(PLANS, st.data())
def test_an_interrupted_run_spends_no_more_than_the_next_look_would(
    plan: InterimPlan, data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, plan.rounds[-1]))
    due = next(look for look in plan.rounds if look >= count)
    assert interval_level(plan, due) <= interval_level(plan, count) < 1
    assert printed_level(plan, due) <= printed_level(plan, count) <= interval_level(plan, count)


def test_the_shares_are_those_of_lan_and_demets() -> None:
    spent = [math.log(1 + (math.e - 1) * count / 40) for count in (0, *PLAN.rounds)]
    shares = [after - before for before, after in itertools.pairwise(spent)]
    for count, share in zip(PLAN.rounds, shares, strict=True):
        assert interval_level(PLAN, count, 0.99) == pytest.approx(1 - 0.01 * share, abs=1e-12)


@pytest.mark.parametrize("count", [0, 41])
def test_rounds_that_were_not_planned_have_no_level(count: int) -> None:
    with pytest.raises(ValueError, match="not within the 40"):
        interval_level(PLAN, count)


def test_a_single_look_is_the_plain_t_interval() -> None:
    ratios = [1.1, 1.2, 1.15, 1.12, 1.18]
    found = decide(ratios, interim_plan(5, 5))
    logs = [math.log(row) for row in ratios]
    low, high = stats.t.interval(0.95, 4, stats.tmean(logs), stats.sem(logs))
    assert found.estimate.interval.low == pytest.approx(math.exp(low))
    assert found.estimate.interval.high == pytest.approx(math.exp(high))
    low, high = stats.t.interval(0.99, 4, stats.tmean(logs), stats.sem(logs))
    assert (found.bounds.low, found.bounds.high) == pytest.approx((math.exp(low), math.exp(high)))
    assert (found.estimate.interval.level, found.bounds.level) == (0.95, 0.99)


@pytest.mark.parametrize(
    ("ratio", "noise", "expected"),
    [
        (1.0, 0.005, Verdict.SAME),
        (1.01, 0.005, Verdict.SAME),  # surely faster, and surely by less than the margin
        (1.03, 0.005, Verdict.FASTER),
        (1.5, 0.05, Verdict.FASTER),
        (1 / 1.5, 0.05, Verdict.SLOWER),
        (1.05, 0.04, Verdict.INCONCLUSIVE),
        (1.0, 0.05, Verdict.INCONCLUSIVE),
    ],
)
def test_verdict_after_five_of_forty_rounds(ratio: float, noise: float, expected: Verdict) -> None:
    found = decide(spread(ratio, noise, 5), PLAN)
    assert found.verdict is expected
    assert found.settled is (expected is not Verdict.INCONCLUSIVE)


def test_faster_needs_more_than_the_printed_interval() -> None:
    found = decide(spread(1.03, 0.02, 5), PLAN)
    assert found.estimate.interval.low > 1 > found.bounds.low
    assert found.verdict is Verdict.INCONCLUSIVE


def test_the_margin_can_be_chosen() -> None:
    ratios = spread(1.0, 0.02, 5)
    assert decide(ratios, PLAN).verdict is Verdict.INCONCLUSIVE
    assert decide(ratios, PLAN, margin=0.1).verdict is Verdict.SAME


def test_equal_figures_are_the_same_without_noise() -> None:
    assert decide([1.0] * 5, PLAN).verdict is Verdict.SAME
    assert decide([1.2] * 5, PLAN).verdict is Verdict.FASTER


def test_one_round_decides_nothing() -> None:
    found = decide([2.0], interim_plan(1, 1))
    assert found.estimate.value == 2
    assert found.estimate.interval == Interval(0, math.inf, 0.95)
    assert (found.verdict, found.settled) == (Verdict.INCONCLUSIVE, False)


def test_two_rounds_that_agree_are_not_enough_for_certainty() -> None:
    assert decide([1.05, 1.06], interim_plan(2, 40)).verdict is Verdict.INCONCLUSIVE


def test_between_looks_there_is_a_verdict_but_no_reason_to_stop() -> None:
    found = decide(spread(1.5, 0.01, 7), PLAN)
    assert (found.verdict, found.settled) == (Verdict.FASTER, False)


@given(RATIOS)
def test_what_is_printed_lies_within_what_decides(ratios: list[float]) -> None:
    for most in (40, len(ratios)):
        plan = interim_plan(min(5, most), most)
        found = decide(ratios, plan)
        sure = sequential_bounds(ratios, plan, 0.95)
        assert found.bounds.low <= sure.low <= found.estimate.interval.low
        assert found.estimate.interval.high <= sure.high <= found.bounds.high


@given(RATIOS)
def test_the_verdict_says_no_more_than_the_interval(ratios: list[float]) -> None:
    found = decide(ratios, PLAN)
    low, high = found.estimate.interval.low, found.estimate.interval.high
    allowed = {
        Verdict.SAME: low >= 1 / 1.03 and high <= 1.03,
        Verdict.FASTER: low > 1,
        Verdict.SLOWER: high < 1,
        Verdict.INCONCLUSIVE: True,
    }
    assert allowed[found.verdict]


@given(RATIOS)
def test_swapped_sides_get_the_opposite_verdict(ratios: list[float]) -> None:
    opposite = {Verdict.FASTER: Verdict.SLOWER, Verdict.SLOWER: Verdict.FASTER}
    found = decide(ratios, PLAN).verdict
    assert decide([1 / row for row in ratios], PLAN).verdict is opposite.get(found, found)


def test_any_figure_gets_the_interval_to_print() -> None:
    ratios = spread(1.2, 0.05, 8)
    assert sequential_estimate(ratios, PLAN) == decide(ratios, PLAN).estimate


def test_equal_sides_are_seldom_called_different_and_the_interval_holds_the_truth() -> None:
    # 0.8 % and 96 % in the long run (docs/results/decisions.md): 20 and 930 of 1000 are over 4 deviations away.
    random = Random(1)  # noqa: S311 - a simulation
    found = [run(random, PLAN, 1.0, 0.1) for _ in range(1000)]
    different = [row for row in found if row.verdict in {Verdict.FASTER, Verdict.SLOWER}]
    held = [row for row in found if row.estimate.interval.low <= 1 <= row.estimate.interval.high]
    assert len(different) <= 20
    assert 930 <= len(held) <= 985


def test_a_slowdown_of_three_percent_is_found_when_rounds_are_enough_for_the_noise() -> None:
    random = Random(2)  # noqa: S311 - a simulation
    found = [run(random, PLAN, 1 / 1.03, 0.02) for _ in range(300)]
    slower = [row for row in found if row.verdict is Verdict.SLOWER]
    held = [row.estimate.interval.low <= 1 / 1.03 <= row.estimate.interval.high for row in found]
    assert len(slower) >= 285
    assert sum(held) >= 270
    assert sum(row.estimate.rounds for row in found) < 20 * len(found)


def test_interrupted_at_any_round_equal_sides_are_seldom_called_different() -> None:
    random = Random(3)  # noqa: S311 - a simulation
    plans = [
        InterimPlan((*(look for look in PLAN.rounds if look < stop), stop)) for stop in (6, 15, 33)
    ]
    wrong = sum(interrupted(random, plan) for plan in plans for _ in range(500))
    assert wrong <= 30


def interrupted(random: Random, reached: InterimPlan) -> bool:
    """Whether a run with equal sides, ended at the last of these while more were planned, says otherwise."""
    ratios: list[float] = []
    for count in reached.rounds:
        ratios += [math.exp(random.gauss(0, 0.1)) for _ in range(count - len(ratios))]
        if decide(ratios, PLAN).verdict in {Verdict.FASTER, Verdict.SLOWER}:
            return True
    return False


def test_noise_floor_is_what_a_run_as_long_cannot_tell_from_one() -> None:
    ratios = spread(1.0, 0.1, 10)
    half = stats.t.ppf(0.995, 9) * 0.1 / math.sqrt(10)
    assert noise_floor(ratios, TEN) == pytest.approx(math.exp(half) - 1)
    assert decide(scaled(ratios, math.exp(half) * 1.001), TEN).verdict is Verdict.FASTER
    below = decide(scaled(ratios, math.exp(half) * 0.999), TEN)
    assert below.verdict is Verdict.INCONCLUSIVE


def test_noise_floor_counts_by_how_much_equal_sides_came_out_unequal() -> None:
    floor = noise_floor(spread(1.02, 0.001, 10), TEN)
    assert 0.02 < floor < 0.03
    assert noise_floor(spread(1 / 1.02, 0.001, 10), TEN) == pytest.approx(floor)


def test_noise_floor_is_higher_where_it_was_looked_at_more_often() -> None:
    ratios = spread(1.0, 0.1, 40)
    assert noise_floor(ratios, PLAN) > noise_floor(ratios, interim_plan(40, 40))


def test_noise_floor_of_one_round_is_not_known() -> None:
    assert noise_floor([1.0], interim_plan(1, 1)) == math.inf


def scaled(ratios: Sequence[float], factor: float) -> list[float]:
    return [row * factor for row in ratios]
