"""The answer of `ttsopt list --check`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ttsopt.catalog.pages import page
from ttsopt.cli.text import print_lines
from ttsopt.errors import GateFailedError
from ttsopt.operations.authoring.check_catalogue import CheckedCatalogue


def check_data(checked: CheckedCatalogue) -> dict[str, Any]:
    """Print the counts of what was checked, and every problem."""
    return {
        "patches": len(checked.catalogue.patches),
        "systems": len(checked.catalogue.systems),
        "cases": checked.cases,
        "problems": [
            {"file": one.file, "key": one.key, "message": one.message} for one in checked.problems
        ],
    }


def check_error(checked: CheckedCatalogue) -> GateFailedError | None:
    """Problems are a failure; the message has them all."""
    if not checked.problems:
        return None
    count = len(checked.problems)
    files = Counter(one.file for one in checked.problems)
    listed = [line for problem in checked.problems for line in problem.lines()]
    heading = f"{count} problem{'s' * (count > 1)} in {len(files)} file{'s' * (len(files) > 1)}"
    hint = f"Every key is explained in {page('writing-a-patch.md')}"
    if not checked.cases:
        hint += ". Cases run once the files are right."
    return GateFailedError("bad-catalogue", f"{heading}:", hint, listed)


def show_check(checked: CheckedCatalogue) -> None:
    """A line a patch, and what was counted."""
    for patch in checked.catalogue.patches:
        count = len(checked.problems_of(patch))
        state = f"{count} problem{'s' * (count > 1)}" if count else "ok"
        print_lines([f"{state:<12}{patch.id}"])
    patches, systems = len(checked.catalogue.patches), len(checked.catalogue.systems)
    print_lines([f"{patches} patches of {systems} systems, {checked.cases} cases run"])
