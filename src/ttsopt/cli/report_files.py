"""Write a report where `--report` says, and into the summary of a job."""

from __future__ import annotations

from pathlib import Path

from ttsopt.bench.report.markdown import report_markdown
from ttsopt.bench.report.model import BenchReport
from ttsopt.cli.files import add_to_summary, write_text
from ttsopt.cli.next_commands import Commands, this_command

HTML = {".html", ".htm"}


def write_report(
    report: BenchReport, file: Path | None, then: Commands = (), audio: Path | None = None
) -> None:
    """Write a page of HTML where the file is named so, else Markdown; a job of GitHub gets Markdown.

    `then` are the next commands, and `audio` the folder of `--save-audio`: both are for pages.

    Raises:
        CannotRunError: It could not be written.
    """
    markdown = report_markdown(report)
    if file:
        is_page = file.suffix.lower() in HTML
        write_text(file, _page(report, file, then, audio) if is_page else markdown)
    add_to_summary(markdown)


def _page(report: BenchReport, file: Path, then: Commands, audio: Path | None) -> str:
    from ttsopt.bench.report.page.page import Around, page
    from ttsopt.bench.report.page.sounds import saved_sounds

    sounds = saved_sounds(audio, report.data["texts"]) if audio else ()
    return page(report, Around(file, this_command(), then, sounds))
