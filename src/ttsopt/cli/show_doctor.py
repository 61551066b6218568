"""Print the findings of `ttsopt doctor`, and their data for `--json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ttsopt.cli.cells import padded, wrapped
from ttsopt.cli.language import told
from ttsopt.cli.text import print_lines, put
from ttsopt.errors import GateFailedError
from ttsopt.operations.doctor.check import Check, Status

if TYPE_CHECKING:
    from ttsopt.operations.doctor.run import Diagnosis

COLOURS = {Status.OK: None, Status.WARNING: "yellow", Status.PROBLEM: "red"}
WIDTH, INDENT = 80, 9


def doctor_data(found: Diagnosis) -> dict[str, Any]:
    """Return what the contract names."""
    facts = found.facts
    interpreter = facts.interpreter
    return {
        "system": facts.found.system.id,
        "root": facts.found.root,
        "version": facts.found.version.label,
        "interpreter": str(interpreter.path) if interpreter else None,
        "chosen": interpreter.reason if interpreter else None,
        "checks": [
            {
                "name": check.name,
                "status": check.status.value,
                "message": check.message,
                "command": check.command or None,
            }
            for check in found.checks
        ],
        "counts": {status.value: found.count(status) for status in Status},
    }


def doctor_error(found: Diagnosis) -> GateFailedError | None:
    """Say that there are problems, for the exit code."""
    count = found.count(Status.PROBLEM)
    if not count:
        return None
    message = f"{count} problem{'s' * (count > 1)} found"
    return GateFailedError(
        "problems", message, "Mend them with the commands that stand below each."
    )


def show_doctor(found: Diagnosis) -> None:
    """Print a line or two for each finding, and how many there are of each kind."""
    facts = found.facts
    at = told(f"at {facts.found.root}")
    put(f"{facts.found.system.name} {facts.found.version.label} {at}")
    for check in found.checks:
        for line in _lines(check):
            put(line, fg=COLOURS[check.status])
    counts = ", ".join(f"{found.count(status)} {status.value}" for status in Status)
    print_lines(["", counts])


def _lines(check: Check) -> Iterator[str]:
    text = f"{told(check.name)}: {told(check.message)}"
    status = padded(told(check.status.value), INDENT)
    yield from wrapped(text, WIDTH, status, " " * INDENT)
    # Whole, however long: it is to be copied.
    yield from [f"{'':<{INDENT}}$ {check.command}"] * bool(check.command)
