"""The mean of a figure measured one round after the other, not as a ratio of two sides: its errors go together.

Rounds that follow each other meet the same other programs and the same clock of the processor, so n of them tell
less than n independent ones. They are taken for a first-order autoregression: with the correlation r from round to
round, they tell as much of the mean as n (1 - r) / (1 + r) independent ones, and as much of the variance as
n (1 - r^2) / (1 + r^2) (Bartlett, Journal of the Royal Statistical Society 98 (1935), 536-543). Few rounds do not
show r: it is corrected for its bias (Kendall, Biometrika 41 (1954), 403-404; a fourth r for the sum with one term
less), and taken to be `LEAST` where less is found. With that number, up to 40 rounds at the noise recorded are
judged as docs/results/decisions.md says.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from ttsopt.bench.stats.statistics import LogMean

LEAST, MOST = 0.6, 0.95
# A variance needs two values, however much alike the rounds are.
FEWEST = 2.0


def serial_mean(values: Sequence[float]) -> LogMean:
    """Of one or more positive values in the order of their measurement."""
    logs = [math.log(value) for value in values]
    count = len(logs)
    mean = math.fsum(logs) / count
    if count == 1:
        return LogMean(mean, math.inf, 1, 0)
    deviations = [log - mean for log in logs]
    correlation = min(max(LEAST, lag_correlation(deviations)), MOST)
    effective = max(FEWEST, count * (1 - correlation) / (1 + correlation))
    variance = math.fsum(row * row for row in deviations) / count / (1 - 1 / effective)
    freedom = math.floor(count * (1 - correlation**2) / (1 + correlation**2))
    return LogMean(mean, math.sqrt(variance / effective), count, max(1, min(count - 1, freedom)))


def lag_correlation(deviations: Sequence[float]) -> float:
    """Of each value with the next one, corrected for the bias that few values have; 0 where all are equal.

    `deviations` are two or more values less their mean.
    """
    squares = math.fsum(row * row for row in deviations)
    if squares == 0:
        return 0.0
    found = math.fsum(a * b for a, b in itertools.pairwise(deviations)) / squares
    return found + (1 + 4 * found) / len(deviations)
