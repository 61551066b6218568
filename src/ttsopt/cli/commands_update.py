"""update: a git checkout brought forward, with its patches."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ttsopt.cli import options as opt
from ttsopt.cli.outcome import Outcome
from ttsopt.cli.progress import turn_after
from ttsopt.errors import UsageError

if TYPE_CHECKING:
    from ttsopt.operations.update import Updated


def update(
    directory: opt.Directory = opt.HERE,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="REF",
            help="A tag, branch or commit; else what the branch follows.",
            show_default=False,
        ),
    ] = "",
    go_on: Annotated[
        bool, typer.Option("--continue", help="End an update that was stopped on its way.")
    ] = False,
    abort: Annotated[
        bool, typer.Option("--abort", help="Take an update back that was stopped on its way.")
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Leave everything as it is, and end the update there.")
    ] = False,
    no_fetch: Annotated[
        bool, typer.Option("--no-fetch", help="Go by what was fetched before.")
    ] = False,
    patch_files: opt.PatchFiles = [],  # noqa: B006
    catalogs: opt.Catalogs = [],  # noqa: B006
    strict: Annotated[
        bool, typer.Option("--strict", help="Do not start where one patch no longer fits.")
    ] = False,
    dry_run: opt.DryRun = False,
    wait: opt.Wait = None,
) -> Outcome:
    """Bring a git checkout to a newer version: patches out, fast-forward, the same patches in again."""
    from ttsopt.cli.show_update import show_updated, updated_data
    from ttsopt.operations import update as of_update

    turn = turn_after(wait)
    others = [
        name
        for name, way in (("--continue", go_on), ("--abort", abort), ("--forget", forget))
        if way
    ]
    if len(others) > 1 or (others and (to or patch_files or catalogs or strict or dry_run)):
        message = f"{others[0]} takes no other option but --wait"
        raise UsageError("one-way", message, "What was asked for at first is on record.")
    done: Updated
    if go_on:
        done = of_update.continue_update(directory, turn=turn)
    elif abort:
        done = of_update.abort_update(directory, turn=turn)
    elif forget:
        done = of_update.forget_update(directory, turn=turn)
    else:
        request = of_update.UpdateRequest(
            to, tuple(catalogs), tuple(patch_files), with_fetch=not no_fetch, strict=strict
        )
        done = of_update.update(directory, request, dry_run=dry_run, turn=turn)
    show = partial(show_updated, done, dry_run=dry_run)
    return Outcome(updated_data(done, dry_run=dry_run), show)
