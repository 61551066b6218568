"""Output of the commands for people: plain lines and rich tables on standard output."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

from ttsopt.boundary.escape import code_line, one_line
from ttsopt.cli.cells import cells, padded, wrapped
from ttsopt.cli.language import told
from ttsopt.cli.patch_words import said
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


def console(*, stderr: bool = False) -> Console:
    """A console that obeys NO_COLOR and does not take brackets in file names for markup."""
    from rich.console import Console

    # A file and a pipe have no width to keep to.
    width = None if (sys.stderr if stderr else sys.stdout).isatty() else 160
    return Console(
        stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True, width=width
    )


def say(line: str, *, err: bool = False, fg: str | None = None, code: bool = False) -> None:
    """Print one line in the reader's language; `code` keeps its words and its tabs."""
    put(line if code else told(line), err=err, fg=fg, code=code)


def put(line: str, *, err: bool = False, fg: str | None = None, code: bool = False) -> None:
    """Print one line as it is, with nothing in it that a terminal or a log of CI obeys; `code` keeps its tabs."""
    # Not rich's: for a few lines, importing it takes as long as writing the files does.
    colour = False if os.environ.get("NO_COLOR") else None
    seen = code_line(line) if code else one_line(line)
    typer.echo(typer.style(seen, fg=fg) if fg else seen, err=err, color=colour)


def width(*, stderr: bool = False) -> int:
    """Return the columns of the terminal; 0 of a file and a pipe, which have none to keep to."""
    if not (sys.stderr if stderr else sys.stdout).isatty():
        return 0
    return shutil.get_terminal_size().columns


def fitted(line: str, *, stderr: bool = False) -> list[str]:
    """Return a line, in the reader's language, as lines that the terminal takes whole, each further one indented.

    What others wrote is made visible first: a line end in a name is none to break at.
    """
    columns, seen = width(stderr=stderr), told(one_line(line))
    if not columns or cells(seen) <= columns:
        return [seen]
    indent = " " * (len(seen) - len(seen.lstrip(" ")) + 4)
    return wrapped(seen.lstrip(" "), columns, indent[4:], indent)


def print_plan(plan: Plan, verb: str, *, stderr: bool = False) -> None:
    """A line a patch with what becomes of it, what it says of this checkout below it."""
    for row in plan.patches:
        if row.why == "not named":  # whoever names patches with -p knows that the others are out
            continue
        style, mark = MARKS[row.status]
        state = told(said(row.patch, _state(row, verb)))
        for line in fitted(f"{mark} {row.patch.id}{at_root(row)}  {state}", stderr=stderr):
            put(line, err=stderr, fg=style)
        for line in remarks(row):
            for part in fitted(f"    {line}", stderr=stderr):
                put(part, err=stderr)


def remarks(row: PlannedPatch) -> list[str]:
    """Return what a patch has to say about this tree: notes where it is taken, else what was looked for."""
    if row.status in {Status.APPLIED, Status.ALREADY}:
        return list(row.notes)
    return _explanation(row)


def _explanation(row: PlannedPatch) -> list[str]:
    """Print what was looked for, what is there instead or elsewhere, and what to do."""
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
    """Plain lines on standard output, fitted to a terminal."""
    for line in lines:
        for part in fitted(line):
            put(part)


def print_commands(commands: Iterable[tuple[str, str]]) -> None:
    """Print commands as they can be typed, a line each and never broken, with what they do behind or below."""
    rows = [(command, told(what)) for command, what in commands]
    longest = max((cells(command) for command, _ in rows), default=0)
    beside = longest + 4 + max((cells(what) for _, what in rows), default=0) <= (width() or 100)
    for command, what in rows:
        put(f"  {padded(command, longest)}  {what}".rstrip() if beside else f"  {command}")
        if what and not beside:
            put(f"      {what}")


def print_code(lines: Iterable[str]) -> None:
    """Lines with code among them."""
    for line in lines:
        say(line, code=True)


def print_diff(data: bytes) -> None:
    """The very bytes where another program reads them; for people, and in a log of GitHub, escaped."""
    sys.stdout.flush()
    if not (sys.stdout.isatty() or _is_log_of_github()):
        sys.stdout.buffer.write(data)
        return
    text = data.decode("utf-8", "backslashreplace")
    if sys.stdout.isatty():
        print_coloured(text)
        return
    print_code(text.removesuffix("\n").split("\n") if text else ())
    if any(code_line(line) != line for line in text.split("\n")):
        say("ttsopt: the diff is escaped for this log: `> FILE` has its bytes", err=True)


def print_coloured(text: str) -> None:
    """Print a diff as git does: in colours, and by a pager where the terminal does not hold it."""
    lines = text.removesuffix("\n").split("\n") if text else []
    if len(lines) >= shutil.get_terminal_size().lines:
        from ttsopt.boundary.pager import page

        plain = bool(os.environ.get("NO_COLOR"))
        shown = (
            code_line(line) if plain else typer.style(code_line(line), fg=diff_colour(line))
            for line in lines
        )
        if page("\n".join(shown) + "\n"):
            return
    for line in lines:
        say(line, fg=diff_colour(line), code=True)


def diff_colour(line: str) -> str | None:
    """Return the colour of a line of a diff, as git has it."""
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])


def _is_log_of_github() -> bool:
    """A job's log is a pipe, in which `::error::` at the start of a line is obeyed; a file is none."""
    regular = stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    return os.environ.get("GITHUB_ACTIONS") == "true" and not regular


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table without decoration that a terminal and a file can both take; no figure is ever cut."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for position, header in enumerate(headers):
        # Names are copied from the first.
        made.add_column(told(header), no_wrap=position == 0, overflow="fold")
    for row in rows:
        made.add_row(*(one_line(told(cell)) for cell in row))
    console().print(made)


def at_root(row: PlannedPatch) -> str:
    """Return the root that a row is of, where it is not the folder that was asked about."""
    return "" if row.root == "." else f" {told(f'at {row.root}')}"


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
