"""The answer of `ttsopt new-patch`."""

from __future__ import annotations

from typing import Any

from ttsopt.cli.text import print_lines
from ttsopt.operations.authoring.new_patch import NewPatch


def new_patch_row(made: NewPatch) -> dict[str, Any]:
    """Print the files laid out, and the next commands."""
    return {
        "patch": made.patch_id,
        "folder": made.folder.as_posix(),
        "files": list(made.files),
        "next": list(made.commands),
    }


def show_new_patch(made: NewPatch) -> None:
    """The same for people."""
    print_lines([f"laid out {made.folder.as_posix()}:", *(f"  {name}" for name in made.files), ""])
    print_lines(["Put your edit into patch.toml, answer its TODOs, and change the cases. Then:"])
    print_lines(f"  {command}" for command in made.commands)
