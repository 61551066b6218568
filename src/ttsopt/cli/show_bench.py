"""Print the report of `ttsopt bench` on a terminal, and say why its exit code is not 0."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttsopt.cli.text import print_lines, table
from ttsopt.domain.typed_command import typed
from ttsopt.errors import GateFailedError, TtsoptError, UndecidedError

if TYPE_CHECKING:
    from ttsopt.bench.report.model import BenchReport
    from ttsopt.operations.bench.explain import Explained

HERE = Path()
BAR = 16  # characters for the longer of both RTFs


def gate_error(data: Mapping[str, Any], code: int) -> TtsoptError | None:
    """Say why the exit code is not 0: the gates that failed, or else those that stayed undecided."""
    failed = code == GateFailedError.exit_code
    counted = ("failed", "undecided") if data["undecided"] == "fail" else ("failed",)
    wanted = counted if failed else ("undecided",)
    gates = [gate for gate in data["gates"] if gate["outcome"] in wanted]
    said = "; ".join(
        f"{gate['name']}: {gate['asked']} asked, {gate['measured']} measured" for gate in gates
    )
    if failed:
        return GateFailedError("gate-failed", said, "The result says what each side took.")
    if code == UndecidedError.exit_code:
        return UndecidedError("gate-undecided", said, "Take more --rounds, or a quieter machine.")
    return None


def show_explained(told: Explained) -> None:
    """Print what would be measured, in words."""
    print_lines([f"{told.system} {told.version}", "", *told.about.split("\n"), ""])
    print_lines([*told.weights, *[""] * bool(told.weights)])
    print_lines(["Stubs, in the place of the real thing:"])
    print_lines(f"  - {sentence}" for sentence in told.stubs)
    print_lines(["", "Spoken:", *(f"  {text.id}: {text.text}" for text in told.texts)])
    print_lines(["", f"Needs the modules: {', '.join(told.modules) or 'none'}", told.install])


def show_bench(report: BenchReport, directory: Path = HERE, *, rtf: bool) -> None:
    """Print of which model it is, the headline, the tables, and the sentences."""
    print_lines(model_lines(report, directory))
    before, after = (report.data[side]["rtf"] for side in ("before", "after"))
    figures = f"RTF {before:.4f} -> {after:.4f}  " if rtf else ""
    print_lines([f"{figures}{report.headline}", *report.about, ""])
    sides, *others = report.tables
    table(sides.header, (_bars(before, after), *sides.rows))
    for scenario in others:
        table(scenario.header, scenario.rows)
    print_lines(line for section in report.sections for line in section.lines)


def model_lines(report: BenchReport, directory: Path) -> list[str]:
    """Say of which model the figures are, and where it is not a real one the command that gets one."""
    if not report.first:
        return []
    if report.first[0].startswith("real"):
        return [*report.first, ""]
    hint = typed("ttsopt", "models", directory, "--download")
    return [*report.first, f"a real model: {hint}, then the same command", ""]


def _bars(before: float, after: float) -> tuple[str, ...]:
    longest = max(before, after)
    bars = ("█" * max(1, round(BAR * rtf / longest)) for rtf in (before, after))
    return "", *bars, ""
