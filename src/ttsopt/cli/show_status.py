"""The answer of `ttsopt status`."""

from __future__ import annotations

from typing import Any

from ttsopt.cli.rows import applied_rows
from ttsopt.cli.text import print_lines
from ttsopt.operations.status import CheckoutStatus


def status_data(found: CheckoutStatus) -> dict[str, Any]:
    """Patches, files with their state, versions newer than what is applied, files of an unfinished step."""
    return {
        "top": str(found.checkout.top),
        "patches": applied_rows(found.patches, found.checkout),
        "files": [
            {"path": found.checkout.from_directory(path), "state": state.value}
            for path, state in found.files
        ],
        "newer": dict(found.newer),
        "unfinished": list(found.unfinished),
    }


def show_status(found: CheckoutStatus) -> None:
    """The same for people."""
    if not found.patches:
        print_lines([f"nothing is applied in {found.checkout.top}"])
    for row in found.patches:
        values = ", ".join(f"{name}={value}" for name, value in row.parameters.items())
        newer = (
            f"; version {found.newer[row.id]} is out: run apply" if row.id in found.newer else ""
        )
        root = found.checkout.from_directory(row.root)
        where = "" if root == "." else f" at {root}"
        print_lines(
            [f"{row.id}{where} version {row.version}{f' ({values})' if values else ''}{newer}"]
        )
    print_lines(
        f"  {state.value:8} {found.checkout.from_directory(path)}" for path, state in found.files
    )
    if found.unfinished:
        print_lines([f"an earlier run was stopped while it wrote {', '.join(found.unfinished)}:"])
        print_lines(["`ttsopt apply` and `ttsopt rollback` put that right before they go on"])
