"""Limits on speed and memory: what was asked for, against what was measured with its noise."""

from __future__ import annotations

from collections.abc import Iterator

from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Bounds, Estimate, GateResult, Interval, Side

MIB = 1024 * 1024


def are_decided(asked: Limits, bounds: Bounds) -> bool:
    """Whether further rounds could change nothing: every limit on speed lies outside of its bounds."""
    rows = (passed for passed, *_ in _speed(asked, bounds))
    return None not in rows


def judge_limits(result: BenchmarkResult, asked: Limits) -> Iterator[GateResult]:
    """One row per limit: passed, failed, or undecided (None) where the bounds hold the limit."""
    estimates = {"max-rtf": result.rtf[Side.AFTER]}
    for passed, name, limit, bounds in _speed(asked, result.bounds):
        if result.never_run and name == "min-speedup":
            never = f"not exercised: no edit of {', '.join(result.never_run)} ran"
            yield GateResult(name, limit, never, passed=None)
        else:
            yield GateResult(
                name, limit, _figure(estimates.get(name, result.speedup), bounds), passed
            )
    if asked.max_memory is not None:
        yield _memory(result, asked.max_memory)


def _speed(asked: Limits, bounds: Bounds) -> Iterator[tuple[bool | None, str, str, Interval]]:
    """Whether each holds, its name, the limit in words, and the bounds that it is judged by."""
    if asked.max_rtf is not None:
        rtf = bounds.rtf[Side.AFTER]
        passed = _decide(rtf.high <= asked.max_rtf, rtf.low > asked.max_rtf)
        yield passed, "max-rtf", f"at most {asked.max_rtf:g}", rtf
    if asked.min_speedup is not None:
        passed = _at_least(bounds.speedup, asked.min_speedup)
        yield passed, "min-speedup", f"at least {asked.min_speedup:g}x", bounds.speedup
    if asked.max_slowdown is not None:
        passed = _at_least(bounds.speedup, 1 / (1 + asked.max_slowdown))
        yield passed, "max-slowdown", f"at most {asked.max_slowdown:.3g} slower", bounds.speedup


def _at_least(ratio: Interval, limit: float) -> bool | None:
    return _decide(ratio.low >= limit, ratio.high < limit)


def _decide(holds: bool, fails: bool) -> bool | None:
    return True if holds else False if fails else None


def _memory(result: BenchmarkResult, limit: float) -> GateResult:
    """Peaks hardly vary: the largest of all rounds counts."""
    gpu = max(row.peak_gpu_bytes for row in result.after)
    peak = gpu or max(row.peak_rss_bytes for row in result.after)
    asked = f"at most {limit / MIB:.0f} MiB"
    if not peak:
        return GateResult("max-memory", asked, "this platform does not say", passed=None)
    measured = f"{peak / MIB:.0f} MiB{' of GPU memory' if gpu else ''}"
    return GateResult("max-memory", asked, measured, passed=peak <= limit)


def _figure(figure: Estimate, bounds: Interval) -> str:
    return (
        f"{figure.value:.4g}, with {bounds.level:.0%} within {bounds.low:.4g} to {bounds.high:.4g}"
    )
