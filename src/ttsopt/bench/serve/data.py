"""A benchmark over HTTP as data, for JSON and for the report."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ttsopt.bench.report.data import UNDECIDED, gates_data, output_data
from ttsopt.bench.report.figures import estimate_data
from ttsopt.bench.report.heard import heard_data
from ttsopt.bench.serve.answers import Answer, defect_counts, failure_counts
from ttsopt.bench.serve.result import Block, Level, ServeResult
from ttsopt.bench.stats.latency import percentiles, supported_percentiles
from ttsopt.domain.measurement import Metric, Side

Data = dict[str, Any]
# Of a side, by text: the sounds that one client got for it.
Alone = Mapping[str, set[str]]


def serve_data(result: ServeResult) -> Data:
    """Return what `--json` and `--save` hold of it: seconds, bytes; null where unknown."""
    spec = result.spec
    return {
        "servers": {side.value: url for side, url in result.urls.items()},
        "request": {
            "name": spec.call.name,
            "method": spec.call.template.method,
            "path": spec.call.template.path,
        },
        "arrivals": spec.arrivals.value,
        "requests": spec.requests,
        "resident": spec.resident,
        "workers": spec.workers,
        "seed": spec.seed,
        "levels": list(_levels(result)),
        "slo": _slo(result),
        "usage": {
            side.value: {
                **asdict(row),
                "peak_memory": row.peak_memory or None,
                "memory": [[round(at, 3), held] for at, held in row.memory],
            }
            for side, row in result.usage.items()
        },
        "answers_compared": {
            "pairs": len(result.outputs.pairs),
            "equal": result.outputs.equal,
            "compared": result.outputs.compared,
        },
        "outputs": [output_data(row) for row in result.outputs.outputs],
        "quality_unverified": result.outputs.quality_unverified,
        **heard_data(result.transcripts),
        "gates": gates_data(result.gates),
        "interrupted": result.interrupted,
        "metric": spec.limits.metric.value,
        "undecided": UNDECIDED[spec.limits.undecided],
    }


def _levels(result: ServeResult) -> Iterator[Data]:
    """Yield a row for each load; of a ramp each side has its own."""
    if result.spec.slo:
        for side in result.sides:
            for level in result.levels.get(side, ()):
                yield _row(level, {side: level}, result)
        return
    first, *_ = result.sides
    for number, level in enumerate(result.levels[first]):
        sides = {side: result.levels[side][number] for side in result.sides}
        yield _row(level, sides, result, number)


def _row(
    level: Level, sides: Mapping[Side, Level], result: ServeResult, number: int | None = None
) -> Data:
    wall, cpu = (
        None if number is None else result.decision(number, metric)
        for metric in (Metric.WALL, Metric.CPU)
    )
    return {
        "clients": level.load.clients or None,
        "rate": level.load.rate or None,
        "before": _figures(sides.get(Side.BEFORE), _alone(result, Side.BEFORE)),
        "after": _figures(sides.get(Side.AFTER), _alone(result, Side.AFTER)),
        "speedup": wall and estimate_data(wall.estimate),
        "verdict": wall and wall.verdict.value,
        "cpu_speedup": cpu and {**estimate_data(cpu.estimate), "verdict": cpu.verdict.value},
        "keeps_slo": level.keeps(result.spec.slo) if result.spec.slo else None,
    }


def _figures(level: Level | None, alone: Alone) -> Data | None:
    if level is None:
        return None
    answers, times = level.answers, level.latency
    spoken = [row.spoken for row in answers if row.spoken]
    audio = math.fsum(row.audio_seconds for row in spoken)
    waited = math.fsum(row.wall_seconds for row in spoken)
    return {
        "requests": len(answers),
        "answered": len(spoken),
        "failures": failure_counts(answers),
        "defects": defect_counts(answers),
        "seconds": level.seconds,
        "requests_per_second": len(spoken) / level.seconds if level.seconds else None,
        "audio_seconds": audio,
        "audio_seconds_per_second": audio / level.seconds if level.seconds else None,
        "rtf": waited / audio if audio else None,
        "cpu_seconds": level.cpu_seconds,
        "blocks": [_block(block) for block in level.blocks],
        "latency": {
            "whole": supported_percentiles([row.wall_seconds for row in spoken]),
            "first_audio": supported_percentiles([row.first_audio_seconds for row in spoken]),
            "cadence": times and times.cadence,
            "worst_stall": times and times.worst_stall,
        },
        "as_alone": None if level.load.clients == 1 else _as_alone(answers, alone),
        "client_lag": percentiles([row.lag for row in answers])[95],
        "answers": [_answer(row) for row in answers],
    }


def _alone(result: ServeResult, side: Side) -> Alone:
    """Return the sounds of a side's answers to one client."""
    sounds: dict[str, set[str]] = defaultdict(set)
    for level in result.levels.get(side, ()):
        for row in level.answers if level.load.clients == 1 else ():
            if row.spoken:
                sounds[row.text].add(row.spoken.sha256)
    return sounds


def _as_alone(answers: Iterable[Answer], alone: Alone) -> Data | None:
    """Count answers to texts that one client got an answer to, and those that have its bits; None without any."""
    known = [
        (row.spoken.sha256, alone[row.text]) for row in answers if row.spoken and row.text in alone
    ]
    return (
        {"answers": len(known), "equal": sum(one in sounds for one, sounds in known)}
        if known
        else None
    )


def _block(block: Block) -> Data:
    """Return what a ratio of its pair is made of."""
    return {
        "rtf": block.rtf if block.good else None,
        "audio_seconds": block.audio_seconds,
        "cpu_seconds": block.cpu_seconds,
    }


def _answer(row: Answer) -> Data:
    spoken = row.spoken
    return {
        "text": row.text,
        "due": row.due,
        "sent": row.sent,
        "seconds": row.seconds,
        "first_audio": spoken and spoken.first_audio_seconds,
        "stall": spoken and spoken.stall_seconds,
        "audio_seconds": spoken and spoken.audio_seconds,
        "sha256": spoken and spoken.sha256,
        "failure": row.failure or None,
        "defects": list(row.defects),
        "message": row.words or None,
    }


def _slo(result: ServeResult) -> Data | None:
    if result.spec.slo is None:
        return None
    rates = {side.value: result.headline_rate(side) for side in result.sides}
    return {"asked": result.spec.slo.asked, "highest_rate": rates}
