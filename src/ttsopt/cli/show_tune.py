"""Print what `ttsopt tune` measures, a line a comparison, and at the end what is kept, in 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttsopt.boundary.escape import one_line
from ttsopt.cli.cells import padded, wrapped
from ttsopt.cli.language import told
from ttsopt.cli.text import print_commands, print_lines, say
from ttsopt.domain.typed_command import typed
from ttsopt.operations.tune.report import comparison_cells

if TYPE_CHECKING:
    from ttsopt.bench.report.model import BenchReport
    from ttsopt.operations.tune.model import Job, Measured

WIDTH = 80
INDENT = 9  # columns for the kind of a comparison


def show_measured(job: Job, measured: Measured, *, quiet: bool) -> None:
    """Print a comparison as it is known."""
    if not quiet:
        kind, what, verdict, ratio, rounds = comparison_cells(job, measured)
        figures = f" {ratio}, {told(rounds)}" if ratio else ""
        line = f"{padded(told(kind), INDENT)}  {told(what)}  {told(verdict)}{figures}"
        print_lines(_fitted(line))


def show_tuned(report: BenchReport, data: Mapping[str, Any], directory: Path) -> None:
    """Print what came of it, the set, what is left out and why, and the next command."""
    print_lines(["", report.headline])
    left = [f"{row['patch']}  {told(row['why'])}" for row in data["left_out"]]
    for title, rows in (("The set:", report.sections[0].lines), ("Left out:", left)):
        if rows:
            print_lines([title])
            print_lines(line for row in rows for line in _fitted(f"  {row}"))
    for name in ("list", "report"):
        if data[name]:
            say(f"{name}: {data[name]}")
    print_commands(_next(data, directory))


def _next(data: Mapping[str, Any], directory: Path) -> Iterator[tuple[str, str]]:
    if data["applied"]:
        yield typed("ttsopt", "rollback", directory), "takes the set out again"
    elif data["list"]:
        yield typed("ttsopt", "apply", directory, "--list", data["list"]), "applies the set"


def _fitted(line: str) -> list[str]:
    """Return lines of 80 columns, also in a file: each further one indented; words are never broken."""
    seen = one_line(line)
    indent = " " * (len(seen) - len(seen.lstrip(" ")) + 4)
    return wrapped(seen, WIDTH, hang=indent)
