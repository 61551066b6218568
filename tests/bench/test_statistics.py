"""The figures and what is concluded from them."""

from __future__ import annotations

import math

import pytest
from bench_fakes import spoken_round
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ttsopt.bench.statistics import (
    geometric_estimate,
    rtf_estimate,
    speedup,
    student_t,
    verdict,
)
from ttsopt.domain.measurement import Estimate, Interval, Side, Verdict, WorkerRound

RTFS = st.floats(1e-3, 1e3)
PAIRS = st.lists(st.tuples(RTFS, RTFS), min_size=2, max_size=12)


def rounds(side: Side, rtfs: list[float]) -> list[WorkerRound]:
    return [spoken_round(side, i, rtf) for i, rtf in enumerate(rtfs)]


def ratio(pairs: list[tuple[float, float]]) -> Estimate:
    before, after = zip(*pairs, strict=True)
    return speedup(rounds(Side.BEFORE, list(before)), rounds(Side.AFTER, list(after)))


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999])
def test_student_quantile_agrees_with_scipy(level: float) -> None:
    for freedom in range(1, 201):
        expected = float(stats.t.ppf((1 + level) / 2, freedom))
        assert student_t(level, freedom) == pytest.approx(expected, rel=1e-9, abs=0)


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


def test_one_round_gives_a_figure_but_no_decision() -> None:
    single = ratio([(2.0, 1.0)])
    assert (single.value, single.interval) == (2, Interval(0, math.inf, 0.95))
    assert verdict(single) is Verdict.INCONCLUSIVE


def test_rtf_of_a_round_is_total_wall_over_total_audio() -> None:
    estimate = rtf_estimate(rounds(Side.BEFORE, [0.5, 0.5]))
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


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.98, 1.02, Verdict.SAME),
        (1.001, 1.029, Verdict.SAME),
        (1 / 1.03, 1.03, Verdict.SAME),
        (1.01, 1.04, Verdict.FASTER),
        (1.5, 1.6, Verdict.FASTER),
        (0.9, 0.99, Verdict.SLOWER),
        (0.9, 1.1, Verdict.INCONCLUSIVE),
        (1.0, 1.1, Verdict.INCONCLUSIVE),
    ],
)
def test_verdict_follows_from_the_interval(low: float, high: float, expected: Verdict) -> None:
    estimate = Estimate(math.sqrt(low * high), Interval(low, high, 0.95), 5)
    assert verdict(estimate) is expected
