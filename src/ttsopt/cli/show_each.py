"""Print the rows of `ttsopt bench --each`, each as it is measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttsopt.bench.report.report import each_row
from ttsopt.cli.show_bench import model_lines
from ttsopt.cli.text import print_lines

if TYPE_CHECKING:
    from ttsopt.bench.report.model import BenchReport


def show_row(row: Mapping[str, Any]) -> None:
    """Print the comparison, its verdict and ratio, or why there is none."""
    kind, patches, verdict, speedup, output = each_row(row)
    ratio = f" {speedup}," if speedup else ""
    print_lines([f"{kind:<8}  {patches}  {verdict}:{ratio} {output}"])


def show_end(report: BenchReport, directory: Path) -> None:
    """Print of which model they are, how many, what the words mean, and the family-wise error."""
    lines = [line for section in report.sections for line in section.lines]
    print_lines(["", *model_lines(report, directory), report.headline, *lines])
