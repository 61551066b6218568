"""Gates: what was asked for, against what was measured with its noise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.measurement import Estimate, GateResult, OutputComparison, Side
from ttsopt.errors import GateFailedError, UndecidedError


@dataclass(frozen=True, slots=True)
class Gates:
    """What is asked for; None: not asked. `exact`: every patch under test promises equal bits."""

    max_rtf: float | None = None
    min_speedup: float | None = None
    exact: bool = False


def judge(result: BenchmarkResult, asked: Gates) -> tuple[GateResult, ...]:
    """One row per gate: passed, failed, or undecided (None) where the interval holds the limit."""
    rows = []
    if asked.max_rtf is not None:
        rows.append(_max_rtf(result.rtf[Side.AFTER], asked.max_rtf))
    if asked.min_speedup is not None:
        rows.append(_min_speedup(result, asked.min_speedup))
    if result.bad_audio:
        rows.append(GateResult("quality", "audio", "; ".join(result.bad_audio), passed=False))
    elif asked.exact:
        rows.append(_exact(result))
    return tuple(rows)


def exit_code(gates: Iterable[GateResult]) -> int:
    """That of the command line: 1 where a gate failed, else 4 where one is undecided, else 0."""
    passed = [row.passed for row in gates]
    if False in passed:
        return GateFailedError.exit_code
    return UndecidedError.exit_code if None in passed else 0


def _max_rtf(rtf: Estimate, limit: float) -> GateResult:
    passed = _decide(rtf.interval.high <= limit, rtf.interval.low > limit)
    return GateResult("max-rtf", f"at most {limit:g}", _figure(rtf), passed)


def _min_speedup(result: BenchmarkResult, limit: float) -> GateResult:
    ratio, asked = result.speedup, f"at least {limit:g}x"
    if result.never_run:
        never = f"not exercised: no edit of {', '.join(result.never_run)} ran"
        return GateResult("min-speedup", asked, never, passed=None)
    passed = _decide(ratio.interval.low >= limit, ratio.interval.high < limit)
    return GateResult("min-speedup", asked, f"{_figure(ratio)}x", passed)


def _decide(holds: bool, fails: bool) -> bool | None:
    return True if holds else False if fails else None


def _exact(result: BenchmarkResult) -> GateResult:
    """Unequal bits count against the patch only where each side repeats itself."""
    different = [row for row in result.outputs if not row.equal]
    unsteady = [row for row in different if not _repeats(result, row)]
    if not different:
        return GateResult("quality", "equal bits", "equal bits", passed=True)
    ids = ", ".join(row.id for row in different)
    if len(unsteady) == len(different):
        why = f"{ids} differs, but was not seen to repeat on both sides"
        return GateResult("quality", "equal bits", why, passed=None)
    return GateResult("quality", "equal bits", f"{ids} differs", passed=False)


def _repeats(result: BenchmarkResult, row: OutputComparison) -> bool:
    return all(side[row.id] is True for side in result.repeatable.values())


def _figure(figure: Estimate) -> str:
    low, high = figure.interval.low, figure.interval.high
    return f"{figure.value:.3g} ({low:.3g} to {high:.3g})"
