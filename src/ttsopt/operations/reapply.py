"""Reapply: the same patches with the same parameters, on whatever version of the checkout is there now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from ttsopt.catalog.load import load_catalogue
from ttsopt.checkout.state.location import Checkout, open_checkout
from ttsopt.checkout.state.state_copy import read_state
from ttsopt.domain.journal import OWN, Journal
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.errors import RefusedError
from ttsopt.operations.apply import Applied, carry_out
from ttsopt.operations.locate import Target
from ttsopt.operations.patch_list import (
    WantedPatch,
    patches_of,
    place_of,
    read_list,
    remembered,
)
from ttsopt.operations.plan.selection import Place, Selection
from ttsopt.operations.planning import Planned, PlanRequest
from ttsopt.operations.recovery import USUAL, Turn, adopted, is_stale

Source = Literal["list", "applied", "remembered"]
LOST = (Status.REFUSED, Status.ABSENT, Status.SKIPPED)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A patch of the list that no plan can be made for: a word why, a sentence, and what to do.

    `stands`: it is applied, and stays so.
    """

    patch: WantedPatch
    why: str
    reason: str
    hint: str
    stands: bool


@dataclass(frozen=True, slots=True)
class Reapplied:
    """Outcome of reapplying: where the list of patches came from, and those of it that no plan was made for.

    Of the patches `wanted`, `stood` were in their files before, and `left_out` are in none of them now.
    """

    applied: Applied
    source: Source
    unknown: tuple[Unmatched, ...]
    wanted: tuple[WantedPatch, ...] = ()
    stood: tuple[WantedPatch, ...] = ()
    left_out: tuple[WantedPatch, ...] = ()


def reapply(
    target: Target,
    *,
    list_file: Path | None = None,
    patch_files: Sequence[Path] = (),
    strict: bool = False,
    dry_run: bool = False,
    turn: Turn = USUAL,
) -> Reapplied:
    """Apply what a list has, else what is applied or was last, and was not taken out since.

    What no longer fits is left out, and told; with `strict`, nothing is changed then. Patches that are not on
    the list are not taken, those applied stay.

    Raises:
        UsageError: A list that is none, or a patch file that is not on it.
        RefusedError: There is no list.
        TtsoptError: As `apply`.
    """
    checkout = adopted(open_checkout(target.directory), turn)
    source, wanted = wanted_patches(checkout, list_file)
    return put_in(
        target, source, wanted, patch_files=patch_files, strict=strict, dry_run=dry_run, turn=turn
    )


def put_in(
    target: Target,
    source: Source,
    wanted: tuple[WantedPatch, ...],
    *,
    patch_files: Sequence[Path] = (),
    strict: bool = False,
    dry_run: bool = False,
    turn: Turn = USUAL,
) -> Reapplied:
    """The same for patches that are known already.

    Raises:
        UsageError: A patch file that is not on the list.
        TtsoptError: As `apply`.
    """
    request = request_for(target, wanted, patch_files)
    judge = partial(_refusal, target, wanted) if strict else _no_refusal
    done = carry_out(request, judge, dry_run=dry_run, turn=turn)
    return _told(done, source, wanted, unmatched(done.planned, target, wanted))


def request_for(
    target: Target, wanted: Collection[WantedPatch], patch_files: Sequence[Path] = ()
) -> PlanRequest:
    """Return what to plan so that those patches, and no others, are taken, each at its own root."""
    here = open_checkout(target.directory).from_directory
    places = frozenset((patch.id.partition("/")[0], here(patch.root)) for patch in wanted)
    at = Target(target.directory, catalogs=target.catalogs, only=target.only, places=places)
    parameters = {place_of(patch): patch.parameters for patch in wanted}
    choice = Selection(files=tuple(patch_files), wanted=parameters)
    # Of patch files of the user's own alone, no catalogue has to know the system.
    return PlanRequest(at, choice, recognised=not all(one.id.startswith(OWN) for one in wanted))


def request_of_list(
    target: Target, list_file: Path, patch_files: Sequence[Path] = ()
) -> PlanRequest:
    """Return what to plan for the patches of a list's file.

    Raises:
        UsageError, RefusedError: As `reapply`.
    """
    _, wanted = wanted_patches(open_checkout(target.directory), list_file)
    return request_for(target, wanted, patch_files)


def unmatched(
    planned: Planned, target: Target, wanted: Iterable[WantedPatch]
) -> tuple[Unmatched, ...]:
    """The patches that a plan has no row for, and why."""
    top = planned.located.checkout.from_top
    rows = {(row.patch.id, top(row.root)) for row in planned.plan.patches}
    left = [patch for patch in wanted if place_of(patch) not in rows]
    if not left:
        return ()
    systems = {patch.id.partition("/")[0] for patch in left}
    known = {patch.id for patch in load_catalogue(target.catalogs, systems).patches}
    standing = _standing(planned.before)
    found = (_unmatched(patch, known, place_of(patch) in standing) for patch in left)
    # Of an installed package, what was done to the packages beside it is not asked about.
    return tuple(one for one in found if target.only is None or one.why != "no-root")


def _told(
    done: Applied,
    source: Source,
    wanted: Iterable[WantedPatch],
    unknown: tuple[Unmatched, ...],
) -> Reapplied:
    """The outcome for every patch of the list that was asked about."""
    planned = done.planned
    top = planned.located.checkout.from_top
    rows = {(row.patch.id, top(row.root)): row.status for row in planned.plan.patches}
    lost = {place_of(one.patch) for one in unknown}
    asked = tuple(patch for patch in wanted if place_of(patch) in {*rows, *lost})
    before, after = _standing(planned.before), _standing(planned.journal)
    there = after | {place for place, status in rows.items() if status is Status.ALREADY}
    return Reapplied(
        done,
        source,
        unknown,
        asked,
        tuple(patch for patch in asked if place_of(patch) in before),
        tuple(patch for patch in asked if place_of(patch) not in there),
    )


def _standing(journal: Journal) -> set[Place]:
    return {(row.id, row.root) for row in journal.patches if row.splices}


def _unmatched(patch: WantedPatch, known: Collection[str], stands: bool) -> Unmatched:
    system, _, name = patch.id.partition("/")
    if patch.id.startswith(OWN):
        reason, hint = "it is a patch file of your own", f"Name it: --patch-file {name}.patch"
        return Unmatched(patch, "patch-file", reason, hint, stands)
    if patch.id not in known:
        reason, hint = "the catalogue has no such patch", "Name the one that has it: --catalog DIR"
        return Unmatched(patch, "unknown-patch", reason, hint, stands)
    reason, hint = f"no {system} at {patch.root} any more", "`ttsopt discover` shows what is there."
    return Unmatched(patch, "no-root", reason, hint, stands)


def wanted_patches(
    checkout: Checkout, list_file: Path | None = None
) -> tuple[Source, tuple[WantedPatch, ...]]:
    """The list for the folder that was asked about: of a file, else what is applied or was last.

    Raises:
        UsageError, RefusedError: As `reapply`.
    """
    if list_file is not None:
        listed = checkout.here(read_list(list_file))
        if listed:
            return "list", listed
        message = f"{list_file} has no patch for {checkout.directory}"
        hint = "Roots in a list are folders below the top of the checkout: name that one."
        raise RefusedError("nothing-to-reapply", message, hint)
    applied = () if is_stale(checkout) else patches_of(read_state(checkout).journal.patches)
    places = set(map(place_of, applied))
    # What did not fit one version may fit the next: it stays wanted until the user takes it out.
    others = [patch for patch in remembered(checkout) if place_of(patch) not in places]
    if here := checkout.here([*applied, *others]):
        return "applied" if places & set(map(place_of, here)) else "remembered", here
    raise RefusedError(
        "nothing-to-reapply",
        f"nothing is applied in {checkout.directory}, and nothing is remembered that was",
        "Name a list, --list FILE, that `ttsopt status --save FILE` wrote; or choose with `ttsopt apply`.",
    )


def _no_refusal(_: Planned) -> None:
    """Leave out what does not fit: on another version, that is to be expected."""


def _refusal(
    target: Target, wanted: Collection[WantedPatch], planned: Planned
) -> RefusedError | None:
    """With `strict`: everything of the list that would be left out."""
    lost = [_line(row) for row in planned.plan.patches if is_lost(row)]
    unknown = (one for one in unmatched(planned, target, wanted) if not one.stands)
    lost += [f"  {one.patch.id} at {one.patch.root}: {one.reason}" for one in unknown]
    if not lost:
        return None
    message = "nothing was changed; of the list, these do not fit:"
    return RefusedError("patch-refused", message, "Without --strict, the others are applied.", lost)


def is_lost(row: PlannedPatch) -> bool:
    """Return True if a patch of the list is not taken, for a reason that lies in the checkout."""
    return row.status in LOST and row.why != "not named"


def _line(row: PlannedPatch) -> str:
    return f"  {row.patch.id} at {row.root}: {row.reason_there}"
