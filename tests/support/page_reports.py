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
from ttsopt.domain.measurement import Side

ROUNDS = {Side.BEFORE: (4.1, 3.9, 4.2, 4.0), Side.AFTER: (2.1, 1.9, 2.0, 2.2)}


def run(folder: Path, **changes: Any) -> BenchmarkResult:
    executor = FakeExecutor(ROUNDS)
    return measured(folder, executor, **{"utterances": (SHORT, LONG), "rounds": 4, **changes})


def with_stages(result: BenchmarkResult, name: str) -> BenchmarkResult:
    """The workload counts the seconds of a stage of that name."""
    sides = {
        side: tuple(
            replace(
                row,
                utterances=tuple(
                    replace(one, counters={f"{name}_seconds": seconds}) for one in row.utterances
                ),
            )
            for row in result.rounds(Side(side))
        )
        for side, seconds in (("before", 0.5), ("after", 0.25))
    }
    return replace(result, **sides)


def report_of(folder: Path, **subject: Any) -> BenchReport:
    return reported(with_stages(run(folder), "decoder"), **subject)


def of_each(folder: Path, name: str = "tts/fast") -> BenchReport:
    """Two patches alone, and both."""
    result = json.loads(json.dumps(reported(run(folder)).data)) | {"environment": {}}
    rows = [("alone", [name]), ("alone", ["tts/other"]), ("all", [name, "tts/other"])]
    each = [{"kind": k, "patches": p, "result": result, "error": None} for k, p in rows]
    return each_report({"each": each, "planned": 3}, "family")
