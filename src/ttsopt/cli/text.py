"""What the commands print for people: plain lines and rich tables on standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import typer

from ttsopt.domain.plan import Fate, Plan, PlannedFile, PlannedPatch, Status, at_line

if TYPE_CHECKING:
    from rich.console import Console

MARKS = {
    Status.APPLIED: ("green", "+"),
    Status.ALREADY: ("cyan", "="),
    Status.ABSENT: ("bright_black", "-"),
    Status.SKIPPED: ("bright_black", "·"),
    Status.REFUSED: ("red", "!"),
}
# A file's name may hold what a terminal takes for a command.
VISIBLE = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}


def console(*, stderr: bool = False) -> Console:
    """A console that obeys NO_COLOR and does not take brackets in file names for markup."""
    from rich.console import Console

    # A file and a pipe have no width to keep to.
    width = None if (sys.stderr if stderr else sys.stdout).isatty() else 160
    return Console(stderr=stderr, markup=False, highlight=False, soft_wrap=True, width=width)


def print_plan(plan: Plan, verb: str, *, stderr: bool = False) -> None:
    """A line a patch with what becomes of it, what it says of this checkout below it."""
    # Not rich's: for a few lines, importing it takes as long as writing the files does.
    say = partial(typer.secho, err=stderr, color=False if os.environ.get("NO_COLOR") else None)
    for row in plan.patches:
        if row.why == "not named":  # whoever names patches with -p knows that the others are out
            continue
        style, mark = MARKS[row.status]
        line = f"{mark} {row.patch.id}{_at(row)}  {_state(row, verb)}"
        say(line.translate(VISIBLE), fg=style)
        for note in row.notes if row.status in {Status.APPLIED, Status.ALREADY} else ():
            say(f"    {note}")
        for line in _explanation(row):
            say(f"    {line.translate(VISIBLE)}")


def _explanation(row: PlannedPatch) -> list[str]:
    """What was looked for, what is there instead or elsewhere, and what to do."""
    if row.status is Status.ABSENT:
        seen = [
            f"seen at {at_line(one.file, one.line)}: {one.difference}" for one in row.seen_elsewhere
        ]
        return [*seen, *dict.fromkeys(one.hint for one in row.seen_elsewhere)]
    if row.status is not Status.REFUSED:
        return []
    lines = list(row.answer.explanation) if row.answer else []
    return lines + [row.hint] * bool(row.hint)


def print_lines(lines: Iterable[str]) -> None:
    """Plain lines on standard output."""
    for line in lines:
        typer.echo(line.translate(VISIBLE))


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table without decoration that a terminal and a file can both take."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for position, header in enumerate(headers):
        made.add_column(header, no_wrap=position == 0)  # names are copied from there
    for row in rows:
        made.add_row(*row)
    console().print(made)


def _at(row: PlannedPatch) -> str:
    return "" if row.root == "." else f" at {row.root}"


def _state(row: PlannedPatch, verb: str) -> str:
    if row.status is not Status.APPLIED:
        return f"{row.status.value}: {row.reason_there}"
    values = ", ".join(f"{name}={value}" for name, value in row.parameters.items())
    files = ", ".join(
        _file(file) for file in row.files if file.splices or file.fate is not Fate.EDITED
    )
    return f"{verb}{f' ({values})' if values else ''}: {files}"


def _file(file: PlannedFile) -> str:
    return file.path if file.fate is Fate.EDITED else f"{file.path} ({file.fate.value})"
