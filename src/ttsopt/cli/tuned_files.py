"""Write the list and the report of `ttsopt tune`; where nothing is kept, none from before stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttsopt.cli.files import replace_text
from ttsopt.cli.report_files import write_report
from ttsopt.domain.typed_command import typed
from ttsopt.operations.tune.outcome import list_of

if TYPE_CHECKING:
    from ttsopt.bench.report.model import BenchReport
    from ttsopt.operations.tune.run import Tuned


def write_tuned(done: Tuned, report: BenchReport) -> dict[str, str | None]:
    """Write both, and return where they are: the list is None where there is nothing to keep.

    Raises:
        CannotRunError: One could not be written.
    """
    files = done.files
    listed = str(files.list) if done.is_confirmed else None
    then = typed("ttsopt", "apply", done.laboratory.target.directory, "--list", files.list)
    write_report(report, files.report, ((then, "applies the set"),) if listed else ())
    if done.is_confirmed:
        replace_text(files.list, list_of(done))
    elif files.is_own_list and not done.interrupted:
        files.list.unlink(missing_ok=True)
    return {"list": listed, "report": str(files.report)}
