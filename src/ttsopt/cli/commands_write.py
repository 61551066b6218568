"""apply and rollback: commands that write."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ttsopt.cli import options as opt
from ttsopt.cli import options_installed as of_package
from ttsopt.cli.options_installed import place_data, where
from ttsopt.cli.outcome import Outcome
from ttsopt.cli.progress import turn_after

if TYPE_CHECKING:
    from ttsopt.domain.plan import PlannedPatch
    from ttsopt.operations.apply import Applied
    from ttsopt.operations.installed import Workplace


def apply(
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
    strict: opt.Strict = False,
    dry_run: opt.DryRun = False,
    wait: opt.Wait = None,
    trust_state: opt.TrustState = "",
) -> Outcome:
    """Apply what is proven or argued for the device at hand: plan, back up, write, verify, journal."""
    from ttsopt.cli.again import again
    from ttsopt.cli.choice import check_list_alone, chosen
    from ttsopt.cli.show_write import applied_data, show_applied, suggested_data
    from ttsopt.cli.whole import in_whole
    from ttsopt.operations.apply import apply as carry_out
    from ttsopt.operations.locate import Target
    from ttsopt.operations.planning import PlanRequest

    turn = turn_after(wait, trust_state, dry_run=dry_run)
    place = where(directory, installed, python)
    if list_file:
        from ttsopt.cli.commands_reapply import put_in_again

        check_list_alone(
            (patches, settings, forced, effect, device, everything, replace_own),
            (system, root, all_roots),
        )
        return put_in_again(
            place, list_file, patch_files, catalogs, turn, strict=True, dry_run=dry_run
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
        done = carry_out(PlanRequest(target, choice), strict=strict, dry_run=dry_run, turn=turn)
        lossy = None if done.refusal or choice.is_named else _strongest(done)
        told = {"suggested": suggested_data(lossy), "device": str(choice.judged_on)}
        data = {**applied_data(done, dry_run=dry_run), **told, **place_data(place)}
        code = done.refusal.exit_code if done.refusal else 0
        words = again(place, system, root, catalogs)
        show = partial(show_applied, done, dry_run=dry_run, again=words, suggested=lossy)
        return Outcome(data, show, done.refusal, code)

    return in_whole(place, work)


def _strongest(done: Applied) -> PlannedPatch | None:
    from ttsopt.operations.plan.suggestion import strongest_left_out

    return strongest_left_out(done.planned)


def rollback(
    directory: opt.Directory = opt.HERE,
    installed: of_package.Installed = None,
    python: of_package.Python = "",
    patches: opt.Patches = [],  # noqa: B006
    force: opt.Force = False,
    dry_run: opt.DryRun = False,
    wait: opt.Wait = None,
    trust_state: opt.TrustState = "",
) -> Outcome:
    """Undo everything, or the patches named alone."""
    from ttsopt.cli.show_write import rolled_back_data, show_rolled_back
    from ttsopt.operations.rollback import rollback as carry_out

    place = where(directory, installed, python)
    done = carry_out(
        place.directory,
        patches,
        only=place.only,
        force=force,
        dry_run=dry_run,
        turn=turn_after(wait, trust_state, dry_run=dry_run),
    )
    code = done.refusal.exit_code if done.refusal else 0
    show = partial(show_rolled_back, done, dry_run=dry_run)
    return Outcome({**rolled_back_data(done), **place_data(place)}, show, done.refusal, code)
