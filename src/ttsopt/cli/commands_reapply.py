"""reapply: the command for after a `git pull`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ttsopt.cli import options as opt
from ttsopt.cli import options_installed as of_package
from ttsopt.cli.options_installed import place_data, where
from ttsopt.cli.outcome import Outcome
from ttsopt.cli.progress import turn_after

if TYPE_CHECKING:
    from ttsopt.operations.installed import Workplace
    from ttsopt.operations.recovery import Turn


def reapply(
    directory: opt.Directory = opt.HERE,
    installed: of_package.Installed = None,
    python: of_package.Python = "",
    list_file: Annotated[
        Path | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help="What `ttsopt status --save FILE` wrote; else what is, or was last, applied.",
            show_default=False,
        ),
    ] = None,
    patch_files: opt.PatchFiles = [],  # noqa: B006
    catalogs: opt.Catalogs = [],  # noqa: B006
    strict: Annotated[
        bool, typer.Option("--strict", help="One patch that no longer fits refuses all.")
    ] = False,
    dry_run: opt.DryRun = False,
    wait: opt.Wait = None,
    trust_state: opt.TrustState = "",
) -> Outcome:
    """Apply the same patches again, with the same parameters, on the version that is there now."""
    turn = turn_after(wait, trust_state, dry_run=dry_run)
    place = where(directory, installed, python)
    return put_in_again(
        place, list_file, patch_files, catalogs, turn, strict=strict, dry_run=dry_run
    )


def put_in_again(
    place: Workplace,
    list_file: Path | None,
    patch_files: Sequence[Path],
    catalogs: Sequence[Path],
    turn: Turn,
    *,
    strict: bool,
    dry_run: bool,
) -> Outcome:
    """Apply a list, or what is or was applied; `ttsopt apply --list` does the same, strictly."""
    from ttsopt.cli.again import again
    from ttsopt.cli.show_reapply import reapplied_data, show_reapplied
    from ttsopt.operations.locate import Target
    from ttsopt.operations.reapply import reapply as carry_out

    done = carry_out(
        Target(place.directory, catalogs=tuple(catalogs), only=place.only),
        list_file=list_file,
        patch_files=patch_files,
        strict=strict,
        dry_run=dry_run,
        turn=turn,
    )
    refusal = done.applied.refusal
    data = {**reapplied_data(done, dry_run=dry_run), **place_data(place)}
    words = again(place, catalogs=catalogs)
    show = partial(show_reapplied, done, dry_run=dry_run, again=words)
    return Outcome(data, show, refusal, refusal.exit_code if refusal else 0)
