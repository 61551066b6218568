"""Gates on a benchmark over HTTP: limits of the first level, failures, defects, quality, and the service level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ttsopt.bench.gates.limits import SPEEDUPS, judge_gate, memory_gate, speed_gates
from ttsopt.bench.gates.quality import judge_quality
from ttsopt.bench.outputs.transcripts import error_rates
from ttsopt.bench.serve.answers import Answer, failure_counts, new_defects
from ttsopt.bench.serve.result import Block, ServeResult
from ttsopt.bench.stats.latency import percentiles
from ttsopt.bench.stats.statistics import geometric_estimate
from ttsopt.domain.measurement import Bounds, Estimate, Figure, GateResult, Metric, Side
from ttsopt.errors import CannotRunError


def judge(result: ServeResult) -> tuple[GateResult, ...]:
    """One row per gate; none where nothing was asked for."""
    limits, slo = result.spec.limits, result.spec.slo
    if not (limits.has_any or slo):
        return ()
    rows = [judge_gate(gate, _bounds(result)) for gate in speed_gates(limits)]
    usage = result.usage.get(Side.AFTER)
    if limits.max_memory is not None:
        rows.append(memory_gate(limits.max_memory, usage.peak_memory if usage else 0))
    return (
        *rows,
        *_service_level(result),
        _sound(result),
        *judge_quality(result.outputs, result.promise),
    )


def complaint(result: ServeResult) -> CannotRunError | None:
    """Say what keeps a run without gates from counting as whole: failures, or defects that are new."""
    outputs = [
        f"after: {row.id} {one}" for row in result.outputs.outputs for one in row.new_defects
    ]
    words = "; ".join(filter(None, (wrong(result), *outputs)))
    if not words or result.spec.limits.has_any or result.spec.slo:
        return None
    return CannotRunError("bad-answers", words, "The result has every request with its failure.")


def wrong(result: ServeResult) -> str:
    """Return the failures of all sides and the new defects of the after side, in words; empty without any."""
    before, after = (result.answers(side) for side in (Side.BEFORE, Side.AFTER))
    parts = [] if result.spec.slo else [*_failures("before", before), *_failures("after", after)]
    parts += [f"after: {count} x {kind}" for kind, count in new_defects(before, after).items()]
    return "; ".join(parts)


def _failures(name: str, answers: Sequence[Answer]) -> Iterator[str]:
    yield from (f"{name}: {count} x {kind}" for kind, count in failure_counts(answers).items())


def _sound(result: ServeResult) -> GateResult:
    words = wrong(result)
    asked = "no new defect" if result.spec.slo else "no failure, no new defect"
    return GateResult("answers", asked, words or "none", passed=not words)


def _service_level(result: ServeResult) -> Iterator[GateResult]:
    if result.spec.slo:
        rate = result.headline_rate(Side.AFTER)
        said = (
            "no rate that was tried keeps it" if rate is None else f"kept at {rate:.4g} requests/s"
        )
        yield GateResult("slo", result.spec.slo.asked, said, passed=rate is not None)


def _bounds(result: ServeResult) -> Bounds:
    """Return the figures of the after side's first level with their intervals over its parts."""
    level = result.levels[Side.AFTER][0]
    parts = level.parts()
    bounds: dict[Figure, Estimate] = {}
    if parts:
        bounds = {
            Figure.RTF: geometric_estimate([part.rtf for part in parts]),
            Figure.P95: geometric_estimate([_p95(part) for part in parts]),
            Figure.FIRST_AUDIO: geometric_estimate([_first_audio(part) for part in parts]),
        }
    of_cpu = [part.cpu_rtf for part in parts if part.cpu_rtf is not None]
    if parts and len(of_cpu) == len(parts):
        bounds[Figure.CPU_RTF] = geometric_estimate(of_cpu)
    for metric in Metric:
        if decision := result.decision(0, metric):
            estimate = decision.estimate
            bounds[SPEEDUPS[metric]] = Estimate(estimate.value, decision.bounds, estimate.rounds)
    rates = error_rates(result.transcripts)
    if rates and rates.points:
        bounds[Figure.CER_INCREASE] = rates.points
    return bounds


def _p95(part: Block) -> float:
    return percentiles([row.spoken.wall_seconds for row in part.good if row.spoken])[95]


def _first_audio(part: Block) -> float:
    rows = [row.spoken.first_audio_seconds for row in part.good if row.spoken]
    return percentiles(rows)[50]
