"""Paired ratios, their confidence intervals, and the verdict that follows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ttsopt.domain.measurement import Estimate, Interval, Verdict, WorkerRound

LEVEL = 0.95
SAME_MARGIN = 0.03


def student_t(level: float, freedom: int) -> float:
    """The t for which P(|T| <= t) is `level`, with `freedom` (1 or more) degrees of freedom.

    Inverts the finite series for A(t|v) of Abramowitz and Stegun, Handbook of Mathematical
    Functions (1964), 26.7.3 and 26.7.4, by bisection over the angle theta = atan(t / sqrt(v)), in
    which it is monotonic.
    """
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


def geometric_estimate(values: Sequence[float], level: float = LEVEL) -> Estimate:
    """The geometric mean of positive values with the t interval of their logarithms.

    From one value no interval follows: it is 0 to infinity.
    """
    logs = [math.log(value) for value in values]
    count = len(logs)
    mean = math.fsum(logs) / count
    if count == 1:
        return Estimate(values[0], Interval(0.0, math.inf, level), count)
    variance = math.fsum((row - mean) ** 2 for row in logs) / (count - 1)
    half = student_t(level, count - 1) * math.sqrt(variance / count)
    bounds = Interval(math.exp(mean - half), math.exp(mean + half), level)
    return Estimate(math.exp(mean), bounds, count)


def speedup(before: Sequence[WorkerRound], after: Sequence[WorkerRound]) -> Estimate:
    """RTF before / RTF after, paired within a round: above 1 the after side is faster.

    The two processes of a round run side by side in time, so the drift of the machine cancels in
    their ratio.
    """
    return geometric_estimate([a.rtf / b.rtf for a, b in zip(before, after, strict=True)])


def rtf_estimate(rounds: Iterable[WorkerRound]) -> Estimate:
    """The real-time factor of one side, with the interval over its rounds."""
    return geometric_estimate([row.rtf for row in rounds])


def verdict(ratio: Estimate, margin: float = SAME_MARGIN) -> Verdict:
    """`SAME` where the interval lies within the margin of 1, else the side of 1 it lies on."""
    low, high = ratio.interval.low, ratio.interval.high
    if 1 / (1 + margin) <= low and high <= 1 + margin:
        return Verdict.SAME
    if low > 1:
        return Verdict.FASTER
    return Verdict.SLOWER if high < 1 else Verdict.INCONCLUSIVE
