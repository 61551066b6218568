"""A benchmark as the data of `--json` and `--save`, and as Markdown for `--report`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from ttsopt.bench.report.data import report_data
from ttsopt.bench.report.markdown import report_markdown
from ttsopt.bench.run.profile import Profile
from ttsopt.bench.stats.sequential import noise_floor
from ttsopt.bench.stats.statistics import ratios
from ttsopt.boundary.escape import json_text, markdown, markdown_code
from ttsopt.operations.bench.each import Each, EachRow
from ttsopt.operations.bench.run import Benchmark


def benchmark_data(done: Benchmark) -> dict[str, Any]:
    """What the contract names, and what was compared, in which environment."""
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
        "transcripts": [asdict(row) for row in done.result.transcripts],
        "profiles": [_profile(row) for row in done.result.profiles],
        "unmet": list(done.unmet),
        "untraced": [{"patch": patch, "path": path} for patch, path in done.comparison.untraced],
    }


def floor(done: Benchmark) -> float | None:
    """Of a run of the tree against itself: what a run as long could not tell from 1, as ratio - 1."""
    if done.comparison.patches or done.comparison.against:
        return None
    found = noise_floor(ratios(done.result.before, done.result.after))
    return found if math.isfinite(found) else None


def _profile(profile: Profile) -> dict[str, Any]:
    row = asdict(profile.row) | {"files": [str(file) for file in profile.files]}
    return {"side": profile.side.value, **row}


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


def benchmark_markdown(done: Benchmark) -> str:
    """What was compared, a table of both sides, what came out, the gates, the limits of the figures."""
    found = done.comparison.found
    what = ", ".join(done.comparison.patches) or (
        f"against {done.comparison.against}"
        if done.comparison.against
        else "the tree against itself"
    )
    machine = f"{done.machine.cpu}, {done.result.spec.threads} of {done.machine.usable_cores} cores"
    packages = ", ".join(f"{name} {version}" for name, version in done.bench.probe.packages.items())
    system = f"{found.system.name} {found.version.label}, size {done.result.spec.size.value}."
    interpreter = (
        f"{machine}, Python {done.bench.probe.python}; {packages or 'no packages of note'}."
    )
    lines = [f"{markdown_code(what)} on {markdown(system)}", markdown(interpreter)]
    warnings = list(done.unmet)
    warnings += [f"not traced: {patch} changes {path}" for patch, path in done.comparison.untraced]
    limits = "".join(f"\n- {markdown(warning)}\n" for warning in warnings)
    return "\n".join(lines) + "\n\n" + report_markdown(done.result, done.gates) + limits
