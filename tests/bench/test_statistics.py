"""The figures over rounds."""

from __future__ import annotations

import math

import pytest
from bench_fakes import spoken_round
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ttsopt.bench.stats.statistics import geometric_estimate, ratios, student_t
from ttsopt.domain.measurement import Estimate, Interval, WorkerRound

RTFS = st.floats(1e-3, 1e3)
PAIRS = st.lists(st.tuples(RTFS, RTFS), min_size=2, max_size=12)


def rounds(rtfs: list[float]) -> list[WorkerRound]:
    return [spoken_round(rtf) for rtf in rtfs]


def ratio(pairs: list[tuple[float, float]], level: float = 0.95) -> Estimate:
    before, after = zip(*pairs, strict=True)
    sides = rounds(list(before)), rounds(list(after))
    return geometric_estimate(ratios(*sides), level)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999])
def test_student_quantile_agrees_with_scipy(level: float) -> None:
    for freedom in range(1, 201):
        expected = float(stats.t.ppf((1 + level) / 2, freedom))
        assert student_t(level, freedom) == pytest.approx(expected, rel=1e-9, abs=0)


@pytest.mark.parametrize("error", [0.0005, 1e-4, 1e-5, 1e-6])
def test_student_quantile_agrees_with_scipy_far_out(error: float) -> None:
    for freedom in (*range(1, 201), 999, 2559):
        expected = float(stats.t.isf(error / 2, freedom))
        assert student_t(1 - error, freedom) == pytest.approx(expected, rel=1e-7, abs=0)


@pytest.mark.parametrize(("level", "freedom"), [(0.0, 4), (1.0, 4), (0.95, 0)])
def test_there_is_no_quantile_of_a_certain_or_impossible_thing(level: float, freedom: int) -> None:
    with pytest.raises(ValueError, match="no t for"):
        student_t(level, freedom)


def test_speedup_is_the_paired_geometric_mean_with_its_t_interval() -> None:
    measured = ratio([(2.0, 1.0), (8.0, 1.0), (4.0, 1.0)])
    half = stats.t.ppf(0.975, 2) * math.log(2) / math.sqrt(3)
    assert measured.value == pytest.approx(4)
    assert measured.interval.low == pytest.approx(4 * math.exp(-half))
    assert measured.interval.high == pytest.approx(4 * math.exp(half))
    assert (measured.interval.level, measured.rounds) == (0.95, 3)


def test_drift_of_the_machine_cancels_within_a_round() -> None:
    drifting = [(2.0 * drift, 1.0 * drift) for drift in (1.0, 1.3, 1.7, 2.4)]
    assert ratio(drifting).interval.low == pytest.approx(2)
    assert ratio(drifting).interval.high == pytest.approx(2)


def test_ratios_are_before_over_after() -> None:
    sides = rounds([2.0, 3.0]), rounds([1.0, 6.0])
    assert ratios(*sides) == [2.0, 0.5]


def test_sides_of_different_length_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratios(rounds([1.0, 1.0]), rounds([1.0]))


def test_one_round_gives_a_figure_without_an_interval() -> None:
    single = ratio([(2.0, 1.0)])
    assert (single.value, single.interval) == (2, Interval(0, math.inf, 0.95))


def test_an_interval_too_wide_for_a_float_is_infinite() -> None:
    wide = geometric_estimate([1.0, 3.0], 0.9999)
    assert (wide.interval.low, wide.interval.high) == (0, math.inf)


def test_rtf_of_a_round_is_total_wall_over_total_audio() -> None:
    estimate = geometric_estimate([row.rtf for row in rounds([0.5, 0.5])])
    assert estimate.value == pytest.approx(0.5)


@given(PAIRS)
def test_swapping_the_sides_inverts_the_ratio(pairs: list[tuple[float, float]]) -> None:
    one, other = ratio(pairs), ratio([(b, a) for a, b in pairs])
    assert other.value == pytest.approx(1 / one.value)
    assert other.interval.low == pytest.approx(1 / one.interval.high, rel=1e-6)
    assert other.interval.high == pytest.approx(1 / one.interval.low, rel=1e-6)


@given(PAIRS, st.floats(1e-2, 1e2))
def test_a_machine_of_another_speed_gives_the_same_ratio(
    pairs: list[tuple[float, float]], scale: float
) -> None:
    one, other = ratio(pairs), ratio([(a * scale, b * scale) for a, b in pairs])
    assert other.value == pytest.approx(one.value)
    assert other.interval.low == pytest.approx(one.interval.low, rel=1e-6)


@given(PAIRS)
def test_the_order_of_the_rounds_does_not_matter(pairs: list[tuple[float, float]]) -> None:
    assert ratio(pairs[::-1]).interval.high == pytest.approx(ratio(pairs).interval.high, rel=1e-9)


@given(st.lists(RTFS, min_size=1, max_size=12))
def test_an_estimate_lies_in_its_interval(values: list[float]) -> None:
    estimate = geometric_estimate(values)
    assert estimate.interval.low <= estimate.value <= estimate.interval.high


@given(PAIRS)
def test_more_certainty_needs_a_wider_interval(pairs: list[tuple[float, float]]) -> None:
    narrow, wide = ratio(pairs, 0.95).interval, ratio(pairs, 0.99).interval
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high
