"""Figures that were not measured side by side."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from ttsopt.bench.stats.unpaired import unpaired_ratio

FIRST = [1.0, 1.1, 0.95, 1.05, 1.02]
SECOND = [0.5, 0.56, 0.49, 0.52, 0.6, 0.47, 0.55]


def test_the_ratio_is_that_of_geometric_means() -> None:
    found = unpaired_ratio(FIRST, SECOND)
    assert found.value == pytest.approx(stats.gmean(FIRST) / stats.gmean(SECOND))


def test_the_interval_is_welchs_or_a_little_wider() -> None:
    found = unpaired_ratio(FIRST, SECOND)
    logs = [[math.log(value) for value in row] for row in (FIRST, SECOND)]
    exact = stats.ttest_ind(*logs, equal_var=False).confidence_interval(0.95)
    assert found.interval.low <= math.exp(exact.low) < math.exp(exact.high) <= found.interval.high
    assert found.interval.high / found.interval.low < math.exp(exact.high - exact.low) * 1.02


def test_of_one_figure_nothing_is_sure() -> None:
    assert unpaired_ratio([1.0], SECOND).interval.high == math.inf


def test_figures_without_any_noise_have_a_ratio_without_any() -> None:
    found = unpaired_ratio([2.0, 2.0], [1.0, 1.0])
    assert (found.value, found.interval.low, found.interval.high) == (2, 2, 2)
