"""Write a report where `--report` says, and into the summary of a job."""

from __future__ import annotations

from pathlib import Path

from ttsopt.bench.report.html import report_html
from ttsopt.bench.report.markdown import report_markdown
from ttsopt.bench.report.model import BenchReport
from ttsopt.cli.files import add_to_summary, write_text

HTML = {".html", ".htm"}


def write_report(report: BenchReport, file: Path | None) -> None:
    """Write a page of HTML where the file is named so, else Markdown; a job of GitHub gets Markdown.

    Raises:
        CannotRunError: It could not be written.
    """
    markdown = report_markdown(report)
    if file:
        is_page = file.suffix.lower() in HTML
        write_text(file, report_html(report) if is_page else markdown)
    add_to_summary(markdown)
