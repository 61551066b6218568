"""Preview for patches that are gone from their files: a plan for those alone, and nothing written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path, PurePosixPath

from ttsopt.checkout.state.file_state import FileState, bytes_there
from ttsopt.checkout.state.location import Checkout
from ttsopt.domain.journal import OWN, Journal, JournalPatch
from ttsopt.domain.plan import Fate, PlannedPatch, Status
from ttsopt.errors import RefusedError
from ttsopt.operations.locate import Target
from ttsopt.operations.patch_list import patches_of, place_of
from ttsopt.operations.plan.drift import FileDrift, file_drifts, with_put_back
from ttsopt.operations.plan.selection import Place
from ttsopt.operations.planning import make_plan
from ttsopt.operations.reapply import request_for, unmatched
from ttsopt.operations.rollback import rollback

States = tuple[tuple[str, FileState], ...]


class Prospect(Enum):
    """`REAPPLIABLE`: it fits what is there now. `UPSTREAMED`: that has it. `CONFLICTING`: it no longer fits.

    `PATCH_FILE`: whether a patch file of the user's own fits is not known without that file.
    """

    REAPPLIABLE = "reappliable"
    UPSTREAMED = "upstreamed"
    CONFLICTING = "conflicting"
    PATCH_FILE = "patch-file"


@dataclass(frozen=True, slots=True)
class GonePatch:
    """A patch (at its root, from the top) that is gone from `paths`; `reason` is why it conflicts.

    `needed`: files laid out by it that are missing, while another of its files imports them, in pairs.
    """

    id: str
    root: str
    paths: tuple[str, ...]
    prospect: Prospect
    reason: str = ""
    needed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Stuck:
    """A file (by its path from the top) for which rollback refuses: where (0: all of it) and why.

    It was edited, or is out of reach. With `can_force`, `rollback --force` goes on.
    """

    path: str
    line: int
    reason: str
    can_force: bool


def look_ahead(
    checkout: Checkout, journal: Journal, catalogs: Sequence[Path] = ()
) -> tuple[States, tuple[GonePatch, ...]]:
    """How the files of a journal stand, by their paths from the top, and what a plan says of what is gone.

    Raises:
        TtsoptError: As `file_drifts` and `make_plan`; but a plan that is refused as a whole is an answer.
    """
    stands = tuple(
        _as_seen(checkout, row)
        for row in with_put_back(checkout, journal, file_drifts(checkout, journal))
    )
    lost = {row.file.path: row.state for row in stands if row.is_gone or row.put_back}
    put_back = frozenset(row.file.path for row in stands if row.put_back)
    gone = tuple(patch for patch in journal.patches if set(lost) & set(patch.splices))
    if not gone:
        return tuple((row.file.path, row.state) for row in stands), ()
    rows, reasons = _plan(checkout, gone, catalogs)
    states = tuple(
        (row.file.path, _state(row, journal.owners(row.file.path), rows)) for row in stands
    )
    return states, tuple(_answer(patch, lost, put_back, rows, reasons) for patch in gone)


def stuck_files(
    checkout: Checkout, files: States, only: frozenset[str] | None
) -> tuple[Stuck, ...]:
    """Files from which rollback could not take the patches: found by a rollback that writes nothing.

    Raises:
        CannotRunError: A file cannot be read.
    """
    stuck = (FileState.EDITED, FileState.UNREACHABLE)
    edited = [path for path, state in files if state in stuck]
    if not edited:
        return ()
    # With `only`, paths are from the folder asked about; else the files are those of the whole checkout.
    directory = checkout.top if only is None else checkout.directory
    try:
        kept = rollback(directory, only=only, dry_run=True).kept
    except RefusedError as error:  # of all of it: an original is lost, say
        return tuple(Stuck(path, 0, error.message, False) for path in edited)
    return tuple(Stuck(row.path, row.line, row.reason, True) for row in kept)


def _as_seen(checkout: Checkout, stands: FileDrift) -> FileDrift:
    """Return the drift as people see it: a file that ttsopt laid out and that is not there is missing."""
    if stands.doubt:
        return replace(stands, state=FileState.UNREACHABLE)
    if stands.state is FileState.DRIFTED and bytes_there(checkout, stands.file.path) is None:
        return replace(stands, state=FileState.MISSING)
    return stands


def _plan(
    checkout: Checkout, gone: Collection[JournalPatch], catalogs: Sequence[Path]
) -> tuple[Mapping[Place, PlannedPatch], Mapping[Place, str]]:
    """Rows of a plan by their place, and why there is none for the others."""
    # From the top, so that all paths are from there.
    target = Target(checkout.top, catalogs=tuple(catalogs))
    wanted = patches_of(patch for patch in gone if not patch.id.startswith(OWN))
    if not wanted:
        return {}, {}
    try:
        planned = make_plan(request_for(target, wanted))
    except RefusedError as error:
        return {}, {place_of(patch): error.message for patch in wanted}
    rows = {(row.patch.id, row.root): row for row in planned.plan.patches}
    others = unmatched(planned, target, wanted)
    return rows, {place_of(one.patch): one.reason for one in others}


def _answer(
    patch: JournalPatch,
    lost: Mapping[str, FileState],
    put_back: frozenset[str],
    rows: Mapping[Place, PlannedPatch],
    reasons: Mapping[Place, str],
) -> GonePatch:
    place = patch.id, patch.root
    paths = tuple(sorted(set(patch.splices) & set(lost)))
    missing = [path for path in paths if lost[path] is FileState.MISSING]
    answer = GonePatch(*place, paths, Prospect.CONFLICTING, needed=_needed(patch, lost, missing))
    if put_back.issuperset(paths):  # the record has them, whatever the catalogue has by now
        return replace(answer, prospect=Prospect.REAPPLIABLE)
    missing = [path for path in missing if path not in put_back]
    if patch.id.startswith(OWN):
        reason = "it is a patch file of your own"
        return replace(answer, prospect=Prospect.PATCH_FILE, reason=reason)
    row = rows.get(place)
    if row is None:
        return replace(answer, reason=reasons[place])
    if row.status is Status.ALREADY or (row.status is Status.APPLIED and not _changes(row)):
        if missing:
            return replace(answer, reason=f"{', '.join(missing)}: not there")
        return replace(answer, prospect=Prospect.UPSTREAMED)
    if row.status is Status.APPLIED:
        return replace(answer, prospect=Prospect.REAPPLIABLE)
    return replace(answer, reason=row.reason)


def _needed(
    patch: JournalPatch, lost: Collection[str], missing: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """Modules laid out by a patch that are missing, each with a file that still has the patch's import of it."""
    standing = {path: rows for path, rows in patch.splices.items() if path not in lost}
    return tuple(
        (path, user)
        for path in missing
        if path in patch.created
        for user, rows in sorted(standing.items())
        if any(PurePosixPath(path).stem.encode() in row.inserted for row in rows)
    )


def _changes(row: PlannedPatch) -> bool:
    return any(file.splices or file.fate is not Fate.EDITED for file in row.files)


def _state(
    stands: FileDrift, owners: Collection[JournalPatch], rows: Mapping[Place, PlannedPatch]
) -> FileState:
    """Drifted is upstreamed where no patch would change anything of the file any more."""
    found = (rows.get((patch.id, patch.root)) for patch in owners)
    settled = all(row is not None and _has_all(row, stands.file.path) for row in found)
    return FileState.UPSTREAMED if stands.state is FileState.DRIFTED and settled else stands.state


def _has_all(row: PlannedPatch, path: str) -> bool:
    if row.status is Status.ALREADY:
        return True
    files = [file for file in row.files if file.path == path]
    return row.status is Status.APPLIED and bool(files) and not any(file.splices for file in files)
