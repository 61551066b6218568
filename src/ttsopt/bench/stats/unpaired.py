"""Two series of figures that were not measured side by side: their ratio, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ttsopt.bench.stats.statistics import LEVEL, student_t
from ttsopt.domain.measurement import Estimate, Interval


def unpaired_ratio(
    first: Sequence[float], second: Sequence[float], level: float = LEVEL
) -> Estimate:
    """Geometric mean of `first` over that of `second`, with Welch's interval of the logarithms' difference.

    Of fewer than two figures in either, nothing is sure: the interval is 0 to infinity. Unequal variances as in
    Welch (Biometrika 34, 1947); his degrees of freedom are rounded down, to the safe side.
    """
    (mean_1, error_1), (mean_2, error_2) = _of_logs(first), _of_logs(second)
    ratio, rounds = math.exp(mean_1 - mean_2), min(len(first), len(second))
    if rounds < 2:  # noqa: PLR2004
        return Estimate(ratio, Interval(0.0, math.inf, level), rounds)
    error = error_1 + error_2
    if error == 0:
        return Estimate(ratio, Interval(ratio, ratio, level), rounds)
    freedom = error**2 / (error_1**2 / (len(first) - 1) + error_2**2 / (len(second) - 1))
    factor = math.exp(student_t(level, max(1, math.floor(freedom))) * math.sqrt(error))
    return Estimate(ratio, Interval(ratio / factor, ratio * factor, level), rounds)


def _of_logs(values: Sequence[float]) -> tuple[float, float]:
    """Mean, and the variance of that mean."""
    logs = [math.log(value) for value in values]
    mean = math.fsum(logs) / len(logs)
    squares = math.fsum((row - mean) ** 2 for row in logs)
    return mean, squares / max(1, len(logs) - 1) / len(logs)
