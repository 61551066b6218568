"""compare: saved results, two of them, or all of a folder or a branch."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ttsopt.cli import bench_options as run_opt
from ttsopt.cli.outcome import Outcome
from ttsopt.errors import UsageError

HistoryOf = Annotated[
    str,
    typer.Option(
        "--history",
        metavar="DIR|BRANCH",
        help="RTF over the commits of all results in a folder, or on a branch.",
        show_default=False,
    ),
]


def compare(
    before: Annotated[
        Path | None, typer.Argument(metavar="A.json", help="Of `ttsopt bench --save`.")
    ] = None,
    after: Annotated[Path | None, typer.Argument(metavar="B.json", help="Of another run.")] = None,
    other_machine: Annotated[
        bool, typer.Option("--other-machine", help="Compare although the machines differ.")
    ] = False,
    history: HistoryOf = "",
    report: run_opt.Report = None,
) -> Outcome:
    """Compare two saved results of one machine: the after sides of both, and their before sides as a control."""
    from ttsopt.cli.show_compare import compared_data, show_compared
    from ttsopt.operations.bench.compare import compare_results

    two = _two_results(before, after, history, report)
    if two is None:
        return _history(history, report)
    done = compare_results(*two, other_machine=other_machine)
    return Outcome(compared_data(done), partial(show_compared, done))


def _history(where: str, written: Path | None) -> Outcome:
    from ttsopt.cli.files import check_writable
    from ttsopt.cli.report_files import write_report
    from ttsopt.cli.show_compare import show_history
    from ttsopt.operations.bench.history import read_history
    from ttsopt.operations.bench.history_report import history_data, history_report

    if written:
        check_writable(written)
    report = history_report(history_data(read_history(where)))
    write_report(report, written)
    return Outcome(dict(report.data), partial(show_history, report))


def _two_results(
    before: Path | None, after: Path | None, history: str, report: Path | None
) -> tuple[Path, Path] | None:
    """Return the two files that `compare` is about; None where it is about a history.

    Raises:
        UsageError: Neither was typed, or both were.
    """
    if history and (before or after):
        message = "--history has the results of a folder or a branch, and no others beside them"
        raise UsageError("history-alone", message, "Leave one of them out.")
    if history:
        return None
    if report:
        message = "--report is about a history, and none is named"
        raise UsageError("no-history", message, "Add --history DIR|BRANCH.")
    if before is None or after is None:
        message = "compare takes two results of `ttsopt bench --save`"
        raise UsageError("two-results", message, "ttsopt compare A.json B.json, or --history DIR.")
    return before, after
