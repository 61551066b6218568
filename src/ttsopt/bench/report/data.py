"""A result as plain data for JSON, in the names of the command-line contract (docs/cli.md)."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from ttsopt.bench.report.components import components_data
from ttsopt.bench.report.figures import (
    Data,
    counters_data,
    estimate_data,
    figures,
    finite,
    interval_data,
)
from ttsopt.bench.report.heard import heard_data
from ttsopt.bench.report.scenarios import hit_rate, scenarios_data
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.spec import HOT
from ttsopt.bench.stats.latency import latency
from ttsopt.bench.stats.limited import load_ratios
from ttsopt.bench.stats.pairs import decide_in_pairs, estimates_of_pairs
from ttsopt.bench.stats.sequential import decide, interim_plan, sequential_estimate
from ttsopt.bench.stats.statistics import cpu_ratios
from ttsopt.domain.measurement import (
    Figure,
    GateResult,
    Interval,
    OutputComparison,
    Side,
    SpokenScenario,
    SpokenUtterance,
    Verdict,
    WorkerRound,
)

RTF_DEFINITION = (
    "wall seconds / audio seconds of all timed utterances of a round, read outside the TTS code "
    "with the device synchronised at both ends, warm-up and loading apart; geometric mean over rounds"
)

UNDECIDED = {None: "exit 4", True: "pass", False: "fail"}


def report_data(
    result: BenchmarkResult,
    gates: Sequence[GateResult] = (),
    environment: Mapping[str, object] | None = None,
) -> Data:
    """Return what `--json` and `--save` hold: seconds, bytes; null where infinite or unknown.

    `environment` is what the caller knows of machine and interpreter; what the worker said is added.
    """
    spec, scenarios = result.spec, result.scenarios
    return {
        "before": _side(result, Side.BEFORE),
        "after": _side(result, Side.AFTER),
        "speedup": estimate_data(result.speedup),
        "cpu_speedup": _cpu(result),
        "bounds": _bounds(result.bounds[Figure.SPEEDUP].interval),
        "load_ratio": _load(result),
        "verdict": result.verdict.value,
        "environment": {**(environment or {}), "worker": result.after[0].environment},
        "outputs": [
            {**output_data(row), "repeatable": _repeatable(row, result)} for row in result.outputs
        ],
        **heard_data(result.transcripts),
        "quality_unverified": result.quality_unverified,
        "bad_audio": list(result.bad_audio),
        "exercised": [
            {"patch": row.patch, "path": row.path, "line": row.line, "executed": row.executed}
            for row in result.exercised
        ],
        "never_run": list(result.never_run),
        "stubs": list(result.stubs),
        "gates": gates_data(gates),
        "metric": result.spec.limits.metric.value,
        "undecided": UNDECIDED[result.spec.limits.undecided],
        "rounds": [
            {"before": _round(b), "after": _round(a)}
            for b, a in zip(result.before, result.after, strict=True)
        ],
        **scenarios_data(result),
        "order": [[side.value for side in pair] for pair in result.order],
        "order_seed": result.order_seed,
        "seed": spec.seed,
        "texts": {row.id: row.text for row in scenarios[0].utterances},
        "hot": any(row.name == HOT for row in scenarios),
        "stream": spec.stream,
        "concurrency": scenarios[0].concurrency,
        "size": spec.size.value,
        "weights": spec.weights_word,
        "components": components_data(spec),
        "threads": spec.threads,
        "kernels": dict(result.kernels),
        "warmup": spec.warmup,
        "busy": result.busy or None,
        "resident": _resident(result) if result.pairs else None,
        "interrupted": result.interrupted,
        "failure": result.failure.message if result.failure else None,
        "margin": result.margin,
        "rtf_definition": RTF_DEFINITION,
    }


def gates_data(gates: Iterable[GateResult]) -> list[Data]:
    """Return a row for each gate."""
    return [
        {
            "name": row.name,
            "asked": row.asked,
            "measured": row.measured,
            "passed": None if row.unverified else row.passed,
            "outcome": row.outcome,
        }
        for row in gates
    ]


def _side(result: BenchmarkResult, side: Side) -> Data:
    rounds = result.rounds(side)
    by_id = [[round_.utterances[i] for round_ in rounds] for i in range(len(rounds[0].utterances))]
    return {
        **figures(rounds, result.plan),
        # Rounds of one side go together: its interval allows for that, as the gates do.
        "rtf_interval": interval_data(result.rtf[side]),
        "peak_memory": max(row.peak_rss_bytes for row in rounds) or None,
        "peak_gpu_memory": max(row.peak_gpu_bytes for row in rounds) or None,
        "latency": asdict(latency(rounds)),
        "model": dict(rounds[0].model),
        "load_seconds": statistics.median(row.load_seconds for row in rounds),
        "warmup_seconds": _warmup(rounds),
        "counters": _sum_counters(rounds[0].utterances),
        "counters_per_call": counters_data(rounds),
        "hit_rate": hit_rate(rounds),
        "utterances": [
            {"id": rows[0].id, **figures(rows, result.plan), "counters": dict(rows[0].counters)}
            for rows in by_id
        ],
    }


def _warmup(rounds: Sequence[WorkerRound]) -> list[float]:
    """Of the first call, the second, ...: the median over the rounds that needed so many."""
    most = max(len(row.warmup_seconds) for row in rounds)
    calls = ([one.warmup_seconds[i : i + 1] for one in rounds] for i in range(most))
    return [statistics.median(seconds for row in call for seconds in row) for call in calls]


def _sum_counters(rows: Iterable[SpokenUtterance]) -> dict[str, float]:
    total: dict[str, float] = {}
    for row in rows:
        for name, value in row.counters.items():
            total[name] = total.get(name, 0) + value
    return total


def _round(row: WorkerRound) -> Data:
    return {
        "load_seconds": row.load_seconds,
        "warmup_seconds": list(row.warmup_seconds),
        "peak_memory": row.peak_rss_bytes or None,
        **_spoken(row),
        "further": {name: _spoken(one) for name, one in row.further.items()},
    }


def _spoken(row: SpokenScenario) -> Data:
    return {
        "rtf": row.rtf,
        "seconds": row.wall_seconds,
        "utterances": [
            {
                "id": spoken.id,
                "seconds": spoken.wall_seconds,
                "cpu_seconds": spoken.cpu_seconds,
                "audio_seconds": spoken.audio_seconds,
                "sample_rate": spoken.sample_rate,
                "sha256": spoken.sha256,
                "counters": dict(spoken.counters),
                "chunks": [list(chunk) for chunk in spoken.chunks],
            }
            for spoken in row.utterances
        ],
    }


def output_data(row: OutputComparison) -> Data:
    """Return one utterance of both sides, compared."""
    return {
        "id": row.id,
        "equal": row.equal,
        "snr_db": finite(row.snr_db),
        "max_difference": row.max_difference,
        "duration_ratio": row.duration_ratio,
        "token_agreement": row.token_agreement,
        "mel_db": row.mel_db,
        "mel_db_worst": row.mel_db_worst,
        "defects_before": list(row.defects_before),
        "defects_after": list(row.defects_after),
        "new_defects": list(row.new_defects),
        "changed_work": list(row.changed_work),
        "round": row.round,
    }


def _repeatable(row: OutputComparison, result: BenchmarkResult) -> Data:
    return {side.value: rows[row.id] for side, rows in result.repeatable.items()}


def _cpu(result: BenchmarkResult) -> Data | None:
    """As the speedup, of CPU seconds; judged at the same interim analyses."""
    values = cpu_ratios(result.before, result.after)
    if not values:
        return None
    found = (
        decide_in_pairs(values, result.pairs, result.plan, result.spec.floor)
        if result.pairs
        else decide(values, result.plan, result.margin)
    )
    verdict = Verdict.NOT_EXERCISED if result.never_run else found.verdict
    return {**estimate_data(found.estimate), "verdict": verdict.value}


def _load(result: BenchmarkResult) -> Data | None:
    """Seconds of loading and warm-up, after / before; of resident processes there are too few to tell."""
    values = [] if result.pairs else load_ratios(result.before, result.after)
    plan = interim_plan(result.spec.least, result.spec.most)
    return estimate_data(sequential_estimate(values, plan)) if values else None


def _resident(result: BenchmarkResult) -> Data:
    """Return what each pair of processes says by itself, and the noise floor that both have to be beyond."""
    pairs = estimates_of_pairs(result.ratios, result.pairs, result.plan)
    return {"pairs": [estimate_data(row) for row in pairs], "floor": result.spec.floor}


def _bounds(row: Interval) -> Data:
    return {"interval": [row.low, finite(row.high)], "level": row.level}
