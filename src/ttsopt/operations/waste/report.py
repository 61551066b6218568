"""The result of `ttsopt waste` as the JSON of the contract."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from ttsopt.bench.waste.model import Traced, WasteReport, WasteRow, WasteTable
from ttsopt.bench.waste.recording import Frame
from ttsopt.operations.waste.run import Wasted


def waste_data(found: Wasted, fail_over: float | None = None) -> dict[str, Any]:
    """Return what the contract names. Shares are in percent of a call's time, memory in bytes."""
    system, spec, report = found.comparison.found, found.bench.spec, found.report
    root = "" if system.root == "." else f"{system.root}/"
    return {
        "system": system.system.id,
        "root": system.root,
        "version": system.version.label,
        "commit": system.version.commit,
        "ttsopt": version("ttsopt"),
        "date": datetime.now(UTC).date().isoformat(),
        "python": str(found.bench.interpreter.path),
        "packages": dict(found.bench.probe.packages),
        "patches": [row.id for row in found.present],
        "size": spec.size.value,
        "weights": spec.weights,
        "threads": spec.threads,
        "stream": spec.stream,
        "for_nothing": percent(report.for_nothing),
        "fail_over": fail_over,
        **report_data(report, root),
    }


def report_data(report: WasteReport, root: str = "") -> dict[str, Any]:
    """The part that needs no checkout; `root` stands before the paths of files."""
    return {
        "trusted": report.is_trusted,
        "clock": report.clock,
        "calls": [_call(call) for call in report.calls],
        "memory": {"unrecorded": report.peak_memory, "recorded": report.peak_memory_recorded},
        "stubs": list(report.stubs),
        "tables": [_table(table, root) for table in report.tables],
    }


def percent(share: float | None) -> float | None:
    """A share in percent, to a thousandth; None where it is not known."""
    return None if share is None else round(100 * share, 3)


def _call(call: Traced) -> dict[str, Any]:
    return {
        "id": call.id,
        "equal": call.is_equal,
        "seconds": call.seconds,
        "recorded_seconds": call.recorded_seconds,
        "operations": call.operations,
        "seconds_in_operations": call.in_operations,
        "beyond": call.beyond,
        "unrecorded": list(call.unrecorded),
    }


def _table(table: WasteTable, root: str) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "note": table.note,
        "call": table.call,
        "share": percent(table.share),
        "seconds": table.seconds,
        "count": table.count,
        "bytes": table.bytes_kept,
        "rows": [_row(row, root) for row in table.rows],
    }


def _row(row: WasteRow, root: str) -> dict[str, Any]:
    return {
        "share": percent(row.share),
        "seconds": row.seconds,
        "count": row.count,
        "operations": list(row.operations),
        "chain": [_frame(frame, root) for frame in row.chain],
        "patches": [{"patch": one.patch, "applied": one.is_applied} for one in row.patches],
        "bytes": row.bytes_kept,
        "read": percent(row.read),
    }


def _frame(frame: Frame, root: str) -> dict[str, Any]:
    return {"file": root + frame.path, "line": frame.line, "function": frame.function}
