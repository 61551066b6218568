"""new-patch: the command for whoever writes a patch."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ttsopt.cli.outcome import Outcome


def new_patch(
    patch: Annotated[str, typer.Argument(metavar="SYSTEM/NAME", help="The id of the new patch.")],
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="The catalogue that it goes into.")
    ] = Path("patches"),
) -> Outcome:
    """Lay out the folder of a new patch: an example edit with its cases, and what to answer."""
    from ttsopt.cli.show_new_patch import new_patch_row, show_new_patch
    from ttsopt.operations.authoring.new_patch import new_patch as lay_out

    made = lay_out(patch, directory)
    return Outcome(new_patch_row(made), partial(show_new_patch, made))
