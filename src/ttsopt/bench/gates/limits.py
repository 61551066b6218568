"""Limits on speed, memory and errors heard: what was asked for, against what was measured with its noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Bounds, Estimate, Figure, GateResult, Interval, Metric

MIB = 1024 * 1024
SPEEDUPS = {Metric.WALL: Figure.SPEEDUP, Metric.CPU: Figure.CPU_SPEEDUP}
RTFS = {Metric.WALL: Figure.RTF, Metric.CPU: Figure.CPU_RTF}
# Of one side alone: what holds in this run may not hold in the next, when the machine does other things.
ABSOLUTE = "in this run on this machine"
UNITS = {
    Figure.SPEEDUP: "",
    Figure.CPU_SPEEDUP: " of CPU time",
    Figure.LOAD: "",
    Figure.RTF: f" {ABSOLUTE}",
    Figure.CPU_RTF: f" CPU seconds / audio seconds {ABSOLUTE}",
    Figure.FIRST_AUDIO: f" s {ABSOLUTE}",
    Figure.P95: f" s {ABSOLUTE}",
    Figure.CER_INCREASE: " points of character error rate",
}


@dataclass(frozen=True, slots=True)
class SpeedGate:
    """A limit on a figure that has noise: the figure has to be at least, or else at most, `limit`."""

    name: str
    figure: Figure
    limit: float
    asked: str
    at_least: bool = False

    def holds(self, bounds: Interval) -> bool | None:
        """True or False where all of the bounds are on one side of the limit, else None."""
        if self.at_least:
            return True if bounds.low >= self.limit else False if bounds.high < self.limit else None
        return True if bounds.high <= self.limit else False if bounds.low > self.limit else None


def speed_gates(asked: Limits) -> Iterator[SpeedGate]:
    """Those that noise may leave undecided."""
    speedup = SPEEDUPS[asked.metric]
    if asked.max_rtf is not None:
        limit = f"at most {asked.max_rtf:g}"
        yield SpeedGate("max-rtf", RTFS[asked.metric], asked.max_rtf, limit)
    if asked.min_speedup is not None:
        limit = f"at least {asked.min_speedup:g}x"
        yield SpeedGate("min-speedup", speedup, asked.min_speedup, limit, at_least=True)
    if asked.max_slowdown is not None:
        limit, least = f"at most {asked.max_slowdown:.3g} slower", 1 / (1 + asked.max_slowdown)
        yield SpeedGate("max-slowdown", speedup, least, limit, at_least=True)
    if asked.max_load is not None:
        limit = f"loading and warm-up at most {asked.max_load:g} times as long"
        yield SpeedGate("max-load", Figure.LOAD, asked.max_load, limit)
    if asked.max_ttfa is not None:
        limit = f"first audio after at most {asked.max_ttfa:g} s"
        yield SpeedGate("max-ttfa", Figure.FIRST_AUDIO, asked.max_ttfa, limit)
    if asked.max_p95 is not None:
        limit = f"P95 of latency at most {asked.max_p95:g} s"
        yield SpeedGate("max-p95", Figure.P95, asked.max_p95, limit)
    if asked.max_cer_increase is not None:
        limit = f"character error rate at most {asked.max_cer_increase:g} points higher"
        yield SpeedGate("max-cer-increase", Figure.CER_INCREASE, asked.max_cer_increase, limit)


def are_decided(asked: Limits, bounds: Bounds) -> bool:
    """True if further rounds could change nothing: every limit on what was measured lies outside of its bounds."""
    measured = (gate for gate in speed_gates(asked) if gate.figure in bounds)
    return all(gate.holds(bounds[gate.figure].interval) is not None for gate in measured)


def judge_limits(result: BenchmarkResult, asked: Limits) -> Iterator[GateResult]:
    """One row per limit: passed, failed, or undecided (None) where the bounds hold the limit."""
    for gate in speed_gates(asked):
        yield _judge(gate, result)
    if asked.max_memory is not None:
        gpu = max(row.peak_gpu_bytes for row in result.after)
        peak = gpu or max(row.peak_rss_bytes for row in result.after)
        yield memory_gate(asked.max_memory, peak, of_gpu=bool(gpu))


def _judge(gate: SpeedGate, result: BenchmarkResult) -> GateResult:
    if result.never_run and gate.name == "min-speedup":
        never = f"not exercised: no edit of {', '.join(result.never_run)} ran"
        return GateResult(gate.name, gate.asked, never, passed=None)
    return judge_gate(gate, result.bounds)


def judge_gate(gate: SpeedGate, bounds: Bounds) -> GateResult:
    """Return whether a limit holds, by the bounds of its figure; undecided where that was not measured."""
    measured = bounds.get(gate.figure)
    if measured is None:
        return GateResult(gate.name, gate.asked, "not measured here", passed=None)
    words = _words(measured, UNITS[gate.figure])
    return GateResult(gate.name, gate.asked, words, gate.holds(measured.interval))


def memory_gate(limit: float, peak: int, *, of_gpu: bool = False) -> GateResult:
    """Return whether a peak (bytes, 0: unknown) is within a limit; peaks hardly vary: the largest counts."""
    asked = f"at most {limit / MIB:.0f} MiB"
    if not peak:
        return GateResult("max-memory", asked, "this platform does not say", passed=None)
    measured = f"{peak / MIB:.0f} MiB{' of GPU memory' if of_gpu else ''}"
    return GateResult("max-memory", asked, measured, passed=peak <= limit)


def _words(measured: Estimate, unit: str) -> str:
    bounds = measured.interval
    return f"{measured.value:.4g}{unit}, with {bounds.level:.0%} within {bounds.low:.4g} to {bounds.high:.4g}"
