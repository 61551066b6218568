"""Means of one side's rounds, whose errors go together."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ttsopt.bench.stats.autocorrelation import LEAST, lag_correlation, serial_mean
from ttsopt.bench.stats.sequential import bounds, interim_plan
from ttsopt.bench.stats.statistics import log_mean

PLAN = interim_plan(5, 40)
RANDOM = Random(1)  # noqa: S311 - an order, not a secret
VALUES = st.lists(st.floats(0.01, 100), min_size=2, max_size=40)


def autoregression(random: Random, correlation: float, count: int = 40) -> list[float]:
    """Log-normal values around 1 with a noise of 20 %."""
    logs = [random.gauss(0, 1)]
    while len(logs) < count:
        step = math.sqrt(1 - correlation**2) * random.gauss(0, 1)
        logs.append(correlation * logs[-1] + step)
    return [math.exp(0.2 * log) for log in logs]


def excludes_one(values: list[float]) -> bool:
    """True if the bounds exclude 1 at one of the interim analyses."""
    every = (bounds(serial_mean(values[:count]), PLAN) for count in PLAN.rounds)
    return any(row.low > 1 or row.high < 1 for row in every)


def test_without_correlation_the_least_is_assumed() -> None:
    logs = [0.1, -0.1] * 10  # each differs from the next: a negative correlation
    mean = serial_mean([math.exp(log) for log in logs])
    effective = 20 * (1 - LEAST) / (1 + LEAST)
    deviation = math.sqrt(0.01 / (1 - 1 / effective))
    assert mean.value == pytest.approx(1)
    assert mean.error == pytest.approx(deviation / math.sqrt(effective))
    assert mean.freedom == math.floor(20 * (1 - LEAST**2) / (1 + LEAST**2)) == 9
    half = stats.t.ppf(0.995, 9) * mean.error
    assert mean.interval(0.99).high == pytest.approx(math.exp(half))


def test_what_is_found_counts_where_it_is_more() -> None:
    drift = [math.exp(0.01 * i) for i in range(40)]
    shuffled = RANDOM.sample(drift, 40)
    assert serial_mean(drift).error > 1.8 * serial_mean(shuffled).error
    assert serial_mean(drift).freedom < serial_mean(shuffled).freedom


def test_the_correlation_is_corrected_for_its_bias() -> None:
    random = Random(3)  # noqa: S311 - a simulation
    found = []
    for _ in range(400):
        logs = [math.log(value) for value in autoregression(random, 0.5, 20)]
        mean = math.fsum(logs) / 20
        found.append(lag_correlation([log - mean for log in logs]))
    assert math.fsum(found) / 400 == pytest.approx(0.5, abs=0.04)


@given(VALUES)
def test_the_interval_is_never_narrower_than_that_of_independent_rounds(
    values: list[float],
) -> None:
    serial, independent = serial_mean(values), log_mean(values)
    assert serial.value == independent.value
    assert serial.error >= independent.error
    assert 1 <= serial.freedom <= independent.freedom


def test_equal_rounds_have_no_noise_and_one_round_has_no_interval() -> None:
    assert serial_mean([0.5] * 5).interval(0.99).high == pytest.approx(0.5)
    assert serial_mean([0.5]).interval(0.99).high == math.inf
    assert serial_mean([0.5, 0.6]).interval(0.99).low < 0.1


def test_a_limit_at_the_truth_is_seldom_decided_while_rounds_are_alike() -> None:
    # 0.0 % and 1.0 % in the long run (docs/results/decisions.md); with independent errors, 16 % and 40 %.
    random = Random(2)  # noqa: S311 - a simulation
    for correlation, most in ((0.5, 3), (0.7, 15)):
        wrong = sum(excludes_one(autoregression(random, correlation)) for _ in range(600))
        assert wrong <= most
