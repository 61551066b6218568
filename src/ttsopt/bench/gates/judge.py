"""Gates: limits on speed and memory, and the promise on quality, in one verdict for the exit code."""

from __future__ import annotations

from collections.abc import Iterable

from ttsopt.bench.gates.limits import judge_limits
from ttsopt.bench.gates.quality import Promise, judge_quality
from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import GateResult
from ttsopt.errors import GateFailedError, UndecidedError


def judge(result: BenchmarkResult, asked: Limits, promised: Promise) -> tuple[GateResult, ...]:
    """One row per gate: passed, failed, or undecided (None)."""
    return (*judge_limits(result, asked), *judge_quality(result, promised))


def exit_code(gates: Iterable[GateResult], undecided: bool | None = None) -> int:
    """That of the command line: 1 where a gate failed, else 4 where one is undecided, else 0.

    `undecided`: how undecided gates count, passed or failed; None: as neither.
    """
    passed = [undecided if gate.passed is None else gate.passed for gate in gates]
    if False in passed:
        return GateFailedError.exit_code
    return UndecidedError.exit_code if None in passed else 0
