"""Update: patches out, the branch forward, the same patches in again; a run that was stopped goes on or back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from ttsopt.checkout.state.location import Checkout, open_checkout
from ttsopt.checkout.update_record import (
    SHOWN,
    UpdateRecord,
    delete_update,
    read_update,
    write_update,
)
from ttsopt.checkout.upstream.repository import Repository, open_repository
from ttsopt.domain.journal import Journal
from ttsopt.domain.typed_command import typed
from ttsopt.errors import RefusedError
from ttsopt.operations.patch_list import list_text
from ttsopt.operations.plan.drift import file_drifts, with_put_back, without_gone
from ttsopt.operations.reapply import Reapplied, wanted_patches
from ttsopt.operations.recovery import USUAL, Turn, settled, settled_journal
from ttsopt.operations.updating.checks import check_clean, check_kinds, ways_between
from ttsopt.operations.updating.goal import Goal, find_goal
from ttsopt.operations.updating.preview import laid_out, preview
from ttsopt.operations.updating.steps import back, forward, told
from ttsopt.operations.updating.ways_on import ways_on


class Outcome(Enum):
    """`TAKEN_BACK`: the old commit again, with the patches that it had. `FORGOTTEN`: all is as it was found."""

    UP_TO_DATE = "up to date"
    UPDATED = "updated"
    TAKEN_BACK = "taken back"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Updated:
    """The branch and the commits, and what became of the patches where they were put in again.

    `recovered` and `notes` as in `Applied`.
    """

    checkout: Checkout
    goal: Goal
    outcome: Outcome
    reapplied: Reapplied | None = None
    recovered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """Where to go (`to`: what the branch follows, where it is empty), and with what."""

    to: str = ""
    catalogs: tuple[Path, ...] = ()
    patch_files: tuple[Path, ...] = ()
    with_fetch: bool = True
    strict: bool = False


def update(
    directory: Path, request: UpdateRequest, *, dry_run: bool = False, turn: Turn = USUAL
) -> Updated:
    """Bring a git checkout to a newer commit, with the patches that it has.

    Everything is checked and planned before anything is changed. A dry run fetches, and changes nothing else.

    Raises:
        UsageError: A commit, catalogue or patch file that is none.
        RefusedError: The checkout, the repository or the two commits do not allow it, or with `strict` a patch
            does not fit the new one; nothing was changed.
        CannotRunError: Git fails, or a file cannot be read or written.
    """
    checkout, repository = _opened(directory)
    repository.refuse_busy()
    _refuse_unfinished(checkout)
    goal = find_goal(repository, request.to, with_fetch=request.with_fetch)
    if goal.old == goal.new:
        return Updated(checkout, goal, Outcome.UP_TO_DATE)
    if dry_run:
        _, planned = _prepared(checkout, repository, goal, request)
        return Updated(checkout, goal, Outcome.UPDATED, planned)
    with settled(checkout, turn) as recovered:
        _refuse_unfinished(checkout)
        record, _ = _prepared(checkout, repository, goal, request)
        write_update(checkout, record)
        held = replace(turn, is_held=True)
        done = told(checkout, lambda: forward(checkout, repository, record, held))
    return Updated(checkout, goal, Outcome.UPDATED, done, recovered)


def continue_update(directory: Path, *, turn: Turn = USUAL) -> Updated:
    """End an update that was stopped on its way.

    Raises:
        RefusedError: There is none, it is being taken back, or the checkout has moved or was edited since.
        CannotRunError: As `update`.
    """
    checkout, repository = _opened(directory)
    repository.refuse_busy()
    with settled(checkout, turn) as recovered:
        record = _unfinished(checkout)
        if record.is_taken_back:
            message = "the update was being taken back when that was stopped"
            raise RefusedError("taken-back", message, ways_on(checkout, record))
        held = replace(turn, is_held=True)
        done = told(checkout, lambda: forward(checkout, repository, record, held))
    return Updated(checkout, _goal(record), Outcome.UPDATED, done, recovered)


def abort_update(directory: Path, *, turn: Turn = USUAL) -> Updated:
    """Take back an update that was stopped: the old commit, with the patches as they were.

    Raises:
        RefusedError: There is none, or the checkout has moved or was edited since.
        CannotRunError: As `update`.
    """
    checkout, repository = _opened(directory)
    repository.refuse_busy()
    with settled(checkout, turn) as recovered:
        record = replace(_unfinished(checkout), is_taken_back=True)
        write_update(checkout, record)
        held = replace(turn, is_held=True)
        notes = told(checkout, lambda: back(checkout, repository, record, held))
    goal = _goal(record)
    return Updated(checkout, goal, Outcome.TAKEN_BACK, recovered=recovered, notes=notes)


def forget_update(directory: Path, *, turn: Turn = USUAL) -> Updated:
    """Drop the record of an update that was stopped, and leave checkout and repository as they are.

    Raises:
        RefusedError: There is none.
        CannotRunError: It cannot be deleted.
    """
    checkout = open_checkout(directory)
    with settled(checkout, turn) as recovered:
        record = _unfinished(checkout)
        delete_update(checkout)
    return Updated(checkout, _goal(record), Outcome.FORGOTTEN, recovered=recovered)


def _opened(directory: Path) -> tuple[Checkout, Repository]:
    checkout = open_checkout(directory)
    repository = open_repository(checkout.top)
    if checkout.directory != checkout.top:
        command = typed("ttsopt", "update", checkout.top)
        message = f"{checkout.directory} is a part of {checkout.top}, and git updates all of it"
        raise RefusedError("not-the-top", message, f"Name that: `{command}`")
    return checkout, repository


def _prepared(
    checkout: Checkout, repository: Repository, goal: Goal, request: UpdateRequest
) -> tuple[UpdateRecord, Reapplied]:
    """Check everything, and plan; nothing is written."""
    journal = settled_journal(checkout)
    applied = _there(checkout, journal)
    if not applied.patches:
        pull = typed("git", "-C", checkout.top, "pull", "--ff-only")
        message = f"nothing is applied in {checkout.top}, so that this is git's to do"
        raise RefusedError("nothing-applied", message, f"`{pull}`")
    ways = ways_between(repository, goal.old, goal.new)
    check_kinds(repository, ways)
    check_clean(checkout, repository, journal, ways)
    _, wanted = wanted_patches(checkout)
    files = tuple(file.resolve() for file in request.patch_files)
    with laid_out(checkout, repository, journal, ways) as top:
        planned = preview(top, request.catalogs, wanted, files, strict=request.strict)
    if planned.applied.refusal:
        raise planned.applied.refusal
    catalogs = tuple(str(folder.resolve()) for folder in request.catalogs)
    text, paths = list_text(wanted), tuple(map(str, files))
    return UpdateRecord(goal.old, goal.new, goal.branch, applied, text, catalogs, paths), planned


def _there(checkout: Checkout, journal: Journal) -> Journal:
    """Return what is really in the files: that is what an update that is taken back brings back."""
    stands = with_put_back(checkout, journal, file_drifts(checkout, journal))
    there = without_gone(journal, stands)
    return replace(there, patches=tuple(row for row in there.patches if row.splices))


def _goal(record: UpdateRecord) -> Goal:
    return Goal(record.branch, record.old, record.new)


def _unfinished(checkout: Checkout) -> UpdateRecord:
    record = read_update(checkout)
    if record is None:
        message = f"no update of {checkout.top} is unfinished"
        command = typed("ttsopt", "update", checkout.top)
        raise RefusedError("no-update", message, f"`{command}` begins one.")
    return record


def _refuse_unfinished(checkout: Checkout) -> None:
    record = read_update(checkout)
    if record is not None:
        message = f"an update of {checkout.top} to {record.new[:SHOWN]} was stopped on its way"
        raise RefusedError("update-unfinished", message, ways_on(checkout, record))
