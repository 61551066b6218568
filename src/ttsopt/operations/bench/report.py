"""A benchmark as a report, whose data is that of `--json` and `--save`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from ttsopt.bench.report.data import report_data
from ttsopt.bench.report.model import BenchReport
from ttsopt.bench.report.report import bench_report, each_report
from ttsopt.bench.run.profile import Profile
from ttsopt.bench.stats.pairs import resident_floor
from ttsopt.bench.stats.sequential import noise_floor
from ttsopt.boundary.escape import json_text
from ttsopt.operations.bench.each import Each, EachRow
from ttsopt.operations.bench.run import Benchmark


def benchmark_data(done: Benchmark) -> dict[str, Any]:
    """Return what the contract names, and what was compared, in which environment."""
    probe = done.bench.probe
    interpreter = {
        "python": probe.python,
        "implementation": probe.implementation,
        "chosen": done.bench.interpreter.reason,
        "packages": probe.packages,
    }
    environment = {
        "machine": asdict(done.machine),
        "interpreter": interpreter,
        "gpus": list(done.result.gpus),
        "load": dict(done.result.load),
    }
    data = dict(report_data(done.result, done.gates, environment))
    found = done.comparison.found
    return data | {
        "system": found.system.id,
        "root": found.root,
        "version": found.version.label,
        "commit": found.version.commit,
        "ttsopt": version("ttsopt"),
        "date": datetime.now(UTC).date().isoformat(),
        "patches": list(done.comparison.patches),
        "settings": [
            {"patch": row.id, "version": row.version, "parameters": dict(row.parameters)}
            for row in done.comparison.rows
        ],
        "against_itself": not (done.comparison.patches or done.comparison.against),
        "against": done.comparison.against,
        "noise_floor": floor(done),
        "profiles": [_profile(row) for row in done.result.profiles],
        "unmet": list(done.unmet),
        "untraced": [{"patch": patch, "path": path} for patch, path in done.comparison.untraced],
    }


def floor(done: Benchmark) -> float | None:
    """Of a run of the tree against itself: what a run as long could not tell from 1, as ratio - 1."""
    if done.comparison.patches or done.comparison.against:
        return None
    result = done.result
    if result.pairs:
        found = resident_floor(result.ratios, result.pairs, result.plan)
    else:
        found = noise_floor(result.ratios, result.plan)
    return found if math.isfinite(found) else None


def _profile(profile: Profile) -> dict[str, Any]:
    row = asdict(profile.row) | {"files": [str(file) for file in profile.files]}
    return {"side": profile.side.value, **row}


def report_of(done: Benchmark) -> BenchReport:
    """Return the report of one comparison."""
    return bench_report(benchmark_data(done))


def report_of_each(each: Each) -> BenchReport:
    """Return the report of the comparisons so far."""
    return each_report(each_data(each), each.family.sentence)


def each_data(each: Each) -> dict[str, Any]:
    """Return what `--each` measured so far, every comparison as a benchmark of its own, or with its error."""
    return {
        "each": [_each_row(row) for row in each.rows],
        "planned": each.planned,
        "interrupted": each.interrupted,
        "family_wise_error": each.family.data(),
    }


def _each_row(row: EachRow) -> dict[str, Any]:
    error = row.error and {
        "code": row.error.code,
        "message": row.error.message,
        "hint": row.error.hint,
    }
    return {
        "kind": row.kind.value,
        "patches": list(row.patches),
        "result": benchmark_data(row.benchmark) if row.benchmark else None,
        "error": error,
    }


def benchmark_json(data: Mapping[str, Any]) -> str:
    """The same as text for a file."""
    return json_text(json.dumps({"schema": 1, **data}, indent=1, ensure_ascii=False)) + "\n"
