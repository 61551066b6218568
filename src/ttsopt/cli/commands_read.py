"""discover, list, show, plan, status: commands that only read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ttsopt.cli import options as opt
from ttsopt.cli import options_installed as of_package
from ttsopt.cli.options_installed import place_data, where
from ttsopt.cli.outcome import Outcome
from ttsopt.domain.effect import Effect

if TYPE_CHECKING:
    from ttsopt.operations.installed import Workplace
    from ttsopt.operations.status import CheckoutStatus


def discover(
    directory: opt.Directory = opt.HERE,
    installed: of_package.Installed = None,
    python: of_package.Python = "",
    catalogs: opt.Catalogs = [],  # noqa: B006
) -> Outcome:
    """Say which TTS systems a checkout holds, where, which version, by what evidence."""
    from ttsopt.cli.rows import system_row
    from ttsopt.cli.show_read import show_systems
    from ttsopt.operations.locate import discover as find
    from ttsopt.operations.locate import what_users_run

    place = where(directory, installed, python)
    found = find(place.directory, catalogs, place.only)
    run = [what_users_run(place.directory, one) for one in found]
    rows = [system_row(one, points) for one, points in zip(found, run, strict=True)]
    data = {"systems": rows, **place_data(place)}
    return Outcome(data, partial(show_systems, found, place.directory, run))


def list_(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="A checkout.", show_default=False, readable=False),
    ] = None,
    installed: of_package.Installed = None,
    python: of_package.Python = "",
    system: opt.System = "",
    root: opt.Root = "",
    all_roots: opt.AllRoots = False,
    effect: opt.MaxEffect = None,
    device: opt.ForDevice = "",
    catalogs: opt.Catalogs = [],  # noqa: B006
    check: Annotated[
        bool, typer.Option("--check", help="Check the catalogue and run its cases.")
    ] = False,
) -> Outcome:
    """List the catalogue; with DIR, what of it applies there, what it gains here, and what is applied."""
    if check:
        return _check_catalogue(directory if installed is None else installed, catalogs)
    from ttsopt.cli.choice import asked_device, device_filter
    from ttsopt.cli.rows import plan_rows
    from ttsopt.cli.show_list import show_list
    from ttsopt.cli.show_read import catalogue_row, show_catalogue
    from ttsopt.cli.whole import in_whole
    from ttsopt.operations.catalogue import list_for, list_patches
    from ttsopt.operations.locate import Target

    place = where(directory, installed, python)
    limit, only_for = effect or Effect.LOSSY, device_filter(device)
    if directory is None and installed is None:
        patches = list_patches(catalogs, system, limit, only_for)
        rows = [catalogue_row(one) for one in patches]
        return Outcome({"patches": rows}, partial(show_catalogue, patches))
    judged_on = asked_device(device)

    def work(place: Workplace) -> Outcome:
        target = Target(place.directory, system, root, all_roots, tuple(catalogs), place.only)
        planned = list_for(target, limit, only_for, judged_on)
        data = {**plan_rows(planned.plan), "device": str(judged_on), **place_data(place)}
        return Outcome(data, partial(show_list, planned, judged_on))

    return in_whole(place, work)


def show(
    patch: Annotated[
        str,
        typer.Argument(
            metavar="PATCH",
            help="Its id, as `ttsopt list` has it.",
            autocompletion=opt.patch_names,
        ),
    ],
    source: Annotated[
        bool, typer.Option("--source", help="With the modules that it lays out.")
    ] = False,
    device: opt.ForDevice = "",
    catalogs: opt.Catalogs = [],  # noqa: B006
) -> Outcome:
    """Explain a patch: what it does, why, its effect, what was claimed, its edits and parameters."""
    from ttsopt.cli.choice import asked_device
    from ttsopt.cli.show_patch import description_row, show_description
    from ttsopt.operations.catalogue import show_patch

    description = show_patch(patch, catalogs, asked_device(device))
    return Outcome(
        description_row(description), partial(show_description, description, source=source)
    )


def _check_catalogue(checkout: Path | str | None, catalogs: list[Path]) -> Outcome:
    from ttsopt.cli.show_check import check_data, check_error, show_check
    from ttsopt.errors import UsageError
    from ttsopt.operations.authoring.check_catalogue import check_catalogue

    if checkout is not None:
        hint = "Patches of your own are checked with --catalog DIR."
        raise UsageError("check-no-checkout", "--check looks at no checkout", hint)
    checked = check_catalogue(catalogs)
    error = check_error(checked)
    show = partial(show_check, checked)
    return Outcome(check_data(checked), show, error, error.exit_code if error else 0)


def plan(
    directory: opt.Directory = opt.HERE,
    installed: of_package.Installed = None,
    python: of_package.Python = "",
    patches: opt.Patches = [],  # noqa: B006
    system: opt.System = "",
    root: opt.Root = "",
    all_roots: opt.AllRoots = False,
    effect: opt.MaxEffect = None,
    device: opt.ForDevice = "",
    everything: opt.Everything = False,
    list_file: opt.ListFile = None,
    settings: opt.Settings = [],  # noqa: B006
    patch_files: opt.PatchFiles = [],  # noqa: B006
    forced: opt.Forced = [],  # noqa: B006
    replace_own: opt.ReplaceOwn = False,
    catalogs: opt.Catalogs = [],  # noqa: B006
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 where something would change.")
    ] = False,
) -> Outcome:
    """Print the unified diff that apply would write, byte for byte."""
    from ttsopt.cli.choice import check_list_alone, chosen
    from ttsopt.cli.show_plan import plan_data, plan_error, show_plan
    from ttsopt.cli.whole import in_whole
    from ttsopt.operations.apply import whole_refusal
    from ttsopt.operations.diff import PlanDiff, diff_of
    from ttsopt.operations.locate import Target
    from ttsopt.operations.planning import PlanRequest, make_plan
    from ttsopt.operations.reapply import request_of_list

    if list_file:
        check_list_alone(
            (patches, settings, forced, effect, device, everything, replace_own),
            (system, root, all_roots),
        )
    choice = chosen(
        patches,
        effect,
        device,
        settings,
        patch_files,
        forced,
        everything=everything,
        replace_own=replace_own,
    )

    def work(place: Workplace) -> Outcome:
        target = Target(place.directory, system, root, all_roots, tuple(catalogs), place.only)
        request = (
            request_of_list(target, list_file, patch_files)
            if list_file
            else PlanRequest(target, choice)
        )
        planned = make_plan(request)
        refusal = whole_refusal(planned, strict=request.choice.is_named)
        diff = PlanDiff() if refusal else diff_of(planned.plan.changes)
        data = {**plan_data(planned.plan, diff), **place_data(place)}
        if refusal:  # says itself which patch, and why
            return Outcome(data, error=refusal, exit_code=refusal.exit_code)
        error = plan_error(data, check=check)
        show = partial(show_plan, planned.plan, diff)
        return Outcome(data, show, error, error.exit_code if error else 0)

    return in_whole(where(directory, installed, python), work)


def status(
    directory: opt.Directory = opt.HERE,
    installed: of_package.Installed = None,
    python: of_package.Python = "",
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 where a file is not as ttsopt left it.")
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="FILE",
            help="Write the list of patches that `ttsopt reapply --list FILE` takes.",
            show_default=False,
        ),
    ] = None,
    catalogs: opt.Catalogs = [],  # noqa: B006
) -> Outcome:
    """Say what is applied, how its files stand, and what has a newer version."""
    from ttsopt.operations.status import status as read_status

    place = where(directory, installed, python)
    found = read_status(place.directory, catalogs, place.only)
    from ttsopt.cli.show_status import show_status, status_data, status_error

    if save:
        _save_list(save, found)
    error = status_error(found) if check else None
    show = partial(show_status, found)
    return Outcome(
        {**status_data(found), **place_data(place)}, show, error, error.exit_code if error else 0
    )


def _save_list(file: Path, found: CheckoutStatus) -> None:
    from ttsopt.cli.files import write_text
    from ttsopt.errors import RefusedError
    from ttsopt.operations.patch_list import list_text, patches_of

    if found.foreign:
        raise found.foreign
    if not found.patches:
        message = f"nothing is applied in {found.checkout.top}, so that there is no list to save"
        raise RefusedError("nothing-applied", message, "`ttsopt apply` comes first.")
    write_text(file, list_text(patches_of(found.patches)))
