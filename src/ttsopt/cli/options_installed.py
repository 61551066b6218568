"""`--installed NAME --python EXE`: an installed package in the place of a checkout's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ttsopt.cli.options import HERE
from ttsopt.cli.text import say
from ttsopt.errors import UsageError

if TYPE_CHECKING:
    from ttsopt.operations.installed import Workplace

Installed = Annotated[
    str | None,
    typer.Option(
        "--installed",
        metavar="NAME",
        help="In the place of DIR: the copy of an installed package that --python imports.",
        show_default=False,
    ),
]
Python = Annotated[
    str,
    typer.Option(
        "--python", metavar="EXE", help="With --installed: whose package; else this folder's own."
    ),
]


def where(directory: Path | None, installed: str | None, python: str) -> Workplace:
    """The place that a command works in; says on standard error which copy of a package that is.

    Raises:
        UsageError: Both a folder and a package, or an interpreter for no package.
        TtsoptError: As `installed_place`.
    """
    from ttsopt.operations.installed import Workplace, installed_place

    if installed is None:
        if python:
            hint = "Name a package, --installed NAME, or leave --python out."
            raise UsageError("nothing-installed", "--python says where --installed looks", hint)
        if directory is not None:
            tell_unused(directory)
        return Workplace(directory or HERE)
    if directory not in {None, HERE}:
        message = f"both {directory} and --installed {installed} say where to work"
        raise UsageError("two-places", message, "Leave one of them out.")
    place = installed_place(installed, python)
    for line in _lines(place):
        say(line, err=True)
    return place


def tell_unused(directory: Path) -> None:
    """Say that state above a checkout is not used: it may be anybody's, and it may be what was meant."""
    from ttsopt.checkout.state.location import STATE, open_checkout

    unused = open_checkout(directory).unused
    if unused:
        line = (
            f"note: {unused / STATE} lies above this checkout, and is not used: your ttsopt does not know it. "
            f"If {unused} is what was patched, name that folder."
        )
        say(line, err=True)


def place_data(place: Workplace) -> dict[str, Any]:
    """Return what `--json` adds for an installed package; its paths are absolute, as no folder was named."""
    found = place.installed
    if found is None:
        return {}
    row = {
        "name": found.name,
        "version": found.version,
        "directory": str(place.directory),
        "python": str(place.python),
        "others": [str(folder) for folder in found.others],
    }
    return {"installed": row}


def _lines(place: Workplace) -> list[str]:
    found = place.installed
    if found is None:
        return []
    others = (f"  {folder} has it too, and is not what is imported" for folder in found.others)
    return [f"{found.name} {found.version} in {found.folder}", *others]
