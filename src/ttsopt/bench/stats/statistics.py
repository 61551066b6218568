"""Figures over rounds: geometric means with t intervals on their logarithms.

What may be concluded from them, and when, is in sequential.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ttsopt.domain.measurement import Estimate, Interval, SpokenScenario

LEVEL = 0.95
SAME_MARGIN = 0.03


@cache
def student_t(level: float, freedom: int) -> float:
    """The t for which P(|T| <= t) is `level` (above 0, below 1), with `freedom` (1 or more) degrees of freedom.

    Inverts the finite series for A(t|v) of Abramowitz and Stegun, Handbook of Mathematical
    Functions (1964), 26.7.3 and 26.7.4, by bisection over the angle theta = atan(t / sqrt(v)), in
    which it is monotonic.
    """
    if not (0 < level < 1 and freedom >= 1):
        raise ValueError(f"no t for the level {level} with {freedom} degrees of freedom")
    low, high = 0.0, math.pi / 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if _within(middle, freedom) < level else (low, middle)
    return math.sqrt(freedom) * math.tan(middle)


def _within(theta: float, freedom: int) -> float:
    sine, cosine = math.sin(theta), math.cos(theta)
    odd = freedom % 2
    term = total = 0.0 if freedom == 1 else (cosine if odd else 1.0)
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    return 2 / math.pi * (theta + sine * total) if odd else sine * total


@dataclass(frozen=True, slots=True)
class LogMean:
    """The mean of logarithms, its standard error (infinite from one value), and the error's degrees of freedom."""

    mean: float
    error: float
    count: int
    freedom: int

    @property
    def value(self) -> float:
        """The geometric mean."""
        return _exp(self.mean)

    def interval(self, level: float) -> Interval:
        """The t interval of the geometric mean; 0 to infinity from one value."""
        if self.count == 1:
            return Interval(0.0, math.inf, level)
        half = student_t(level, self.freedom) * self.error
        return Interval(_exp(self.mean - half), _exp(self.mean + half), level)

    def estimate(self, level: float) -> Estimate:
        """The geometric mean with its t interval."""
        return Estimate(self.value, self.interval(level), self.count)


def log_mean(values: Sequence[float]) -> LogMean:
    """Of one or more positive values with independent errors, such as the ratios of paired rounds."""
    logs = [math.log(value) for value in values]
    return LogMean(*_mean_and_error(logs), len(logs), len(logs) - 1)


def _mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """The mean of independent values, and its standard error: infinite from one value."""
    count = len(values)
    mean = math.fsum(values) / count
    if count == 1:
        return mean, math.inf
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    return mean, math.sqrt(variance / count)


def difference_estimate(
    values: Sequence[float], least: float = 0.0, level: float = LEVEL
) -> Estimate:
    """The mean of paired differences with its t interval, in which the standard error is at least `least`.

    Infinite both ways from one value. The differences are few and often all 0, as of error rates: that they do not
    vary does not show that they cannot.
    """
    mean, error = _mean_and_error(values)
    if len(values) == 1:
        return Estimate(mean, Interval(-math.inf, math.inf, level), 1)
    half = student_t(level, len(values) - 1) * max(error, least)
    return Estimate(mean, Interval(mean - half, mean + half, level), len(values))


def _exp(value: float) -> float:
    """Infinite where a float ends: t is in the thousands for two rounds at a strict level."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def geometric_estimate(values: Sequence[float], level: float = LEVEL) -> Estimate:
    """The geometric mean of positive values with the t interval of their logarithms.

    From one value no interval follows: it is 0 to infinity.
    """
    return log_mean(values).estimate(level)


def ratios(before: Sequence[SpokenScenario], after: Sequence[SpokenScenario]) -> list[float]:
    """RTF before / RTF after of each round: above 1 the after side is faster.

    The two processes of a round run side by side in time, so the drift of the machine cancels in
    their ratio.
    """
    return [a.rtf / b.rtf for a, b in zip(before, after, strict=True)]


def cpu_ratios(before: Sequence[SpokenScenario], after: Sequence[SpokenScenario]) -> list[float]:
    """CPU seconds per second of audio, before / after of each round; empty where a clock read nothing."""
    pairs = list(zip(before, after, strict=True))
    if any(row.cpu_seconds <= 0 for pair in pairs for row in pair):
        return []
    return [(b.cpu_seconds / b.audio_seconds) / (a.cpu_seconds / a.audio_seconds) for b, a in pairs]
