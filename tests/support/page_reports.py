"""Reports with charts, by the fake executor: of one comparison, and of patches each by itself."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench_fakes import LONG, SHORT, FakeExecutor, measured, reported

from ttsopt.bench.report.model import BenchReport
from ttsopt.bench.report.report import each_report
from ttsopt.bench.result import BenchmarkResult
from ttsopt.domain.measurement import Side, WorkerRound

ROUNDS = {Side.BEFORE: (4.1, 3.9, 4.2, 4.0), Side.AFTER: (2.1, 1.9, 2.0, 2.2)}


def run(folder: Path, **changes: Any) -> BenchmarkResult:
    executor = FakeExecutor(ROUNDS)
    return measured(folder, executor, **{"utterances": (SHORT, LONG), "rounds": 4, **changes})


def with_stages(result: BenchmarkResult, name: str) -> BenchmarkResult:
    """The workload counts the seconds of a stage of that name."""
    counted = f"{name}_seconds"
    return replace(
        result,
        before=tuple(_counting(row, {counted: 0.5}) for row in result.before),
        after=tuple(_counting(row, {counted: 0.25}) for row in result.after),
    )


def _counting(row: WorkerRound, counters: dict[str, float]) -> WorkerRound:
    spoken = tuple(replace(one, counters=counters) for one in row.utterances)
    return replace(row, utterances=spoken)


def report_of(folder: Path, **subject: Any) -> BenchReport:
    return reported(with_stages(run(folder), "decoder"), **subject)


def of_each(folder: Path, name: str = "tts/fast") -> BenchReport:
    """Two patches alone, and both."""
    result = json.loads(json.dumps(reported(run(folder)).data)) | {"environment": {}}
    rows = [("alone", [name]), ("alone", ["tts/other"]), ("all", [name, "tts/other"])]
    each = [{"kind": k, "patches": p, "result": result, "error": None} for k, p in rows]
    return each_report({"each": each, "planned": 3}, "family")
