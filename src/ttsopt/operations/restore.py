"""Restore: with the journal, or originals, damaged or gone, everything that the copies can prove is undone."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ttsopt.checkout.fs.files import read_if_there, remove_folder, sha256
from ttsopt.checkout.state.file_state import FileState
from ttsopt.checkout.state.journal import JournalRecord, read_journal, write_journal
from ttsopt.checkout.state.location import JOURNAL, STATE, Checkout, open_checkout
from ttsopt.checkout.state.lock import locked
from ttsopt.checkout.state.replaced import keep_replaced, new_place
from ttsopt.checkout.state.state_copy import is_lost, newest_copy
from ttsopt.checkout.state.store import ORIGINALS, fetch, open_store
from ttsopt.checkout.unfinished import without_unbegun
from ttsopt.domain.journal import JournalPatch
from ttsopt.errors import CannotRunError, GateFailedError, RefusedError, TtsoptError
from ttsopt.operations.plan.drift import FileDrift, without_gone
from ttsopt.operations.plan.removal import InTheWay
from ttsopt.operations.recovery import USUAL, Turn, adopted, is_stale
from ttsopt.operations.rollback import rollback, way_out

BY_HAND = (
    "Put the patched files right yourself (under git: `git checkout -- FILE`), then delete the "
    "folder .ttsopt."
)


@dataclass(frozen=True, slots=True)
class Restored:
    """Outcome of restoring: what was undone and what was not. Paths are from the top; `kept` has the reasons.

    `set_aside` is where the damaged journal is now, None where there was none or it could not be kept. With an
    `error`, not all could be restored.
    """

    checkout: Checkout
    patches: tuple[JournalPatch, ...] = ()
    restored: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    set_aside: Path | None = None
    notes: tuple[str, ...] = ()
    error: TtsoptError | None = None


def restore(directory: Path, turn: Turn = USUAL) -> Restored:
    """Put the newest whole copy of the journal in its place, and roll everything back by it.

    Raises:
        UsageError: No such folder.
        RefusedError: The journal and the originals are whole, so that rollback is the command; nothing is known of
            any patch; the journal is a newer ttsopt's; or nothing can be proven.
        CannotRunError: Something could not be read or written.
    """
    checkout = adopted(open_checkout(directory), turn)
    with locked(checkout, turn.seconds, turn.tell):
        begun = _reinstate(checkout)
    done = rollback(checkout.top, turn=turn)
    if done.refusal:
        in_the_way = tuple((row.path, row.reason) for row in done.kept)
        kept = (*begun.kept, *in_the_way)
        return replace(begun, kept=kept, error=_reinstated_only(checkout, in_the_way, done.kept))
    paths = {change.path for change in done.changes}  # from the top, which is what was asked about
    return replace(
        begun,
        patches=done.patches,
        restored=tuple(sorted(paths | set(done.recovered))),
        notes=(*begun.notes, *done.notes),
        error=_left_over(checkout, begun.kept) if begun.kept else None,
    )


def _reinstate(checkout: Checkout) -> Restored:
    """Write the journal that can be proven; what cannot be is told, and is no part of it."""
    record, is_damaged = _known(checkout)
    begun = without_unbegun(checkout, record)
    files, steps = _lost_files(checkout, begun), _lost_steps(checkout, begun)
    kept = tuple({path: why for path, why in (*files.items(), *steps.items()) if why}.items())
    if not (files or steps or is_damaged):
        message = f"the journal of {checkout.top} is whole, and so is every original that it needs"
        raise RefusedError("journal-whole", message, "`ttsopt rollback` takes the patches out.")
    # A file that a lost step wrote is not as the journal has it; one that it did not write is.
    stuck = {path for path, reason in steps.items() if reason}
    proven = _without(begun, files.keys() | stuck, steps.keys())
    if kept and not (proven.journal.files or proven.pending):
        raise _nothing_proven(checkout, kept)
    place, notes = _set_aside(checkout) if is_damaged else (None, ())
    open_store(checkout)
    write_journal(checkout, proven)
    return Restored(checkout, kept=kept, set_aside=place, notes=notes)


def _known(checkout: Checkout) -> tuple[JournalRecord, bool]:
    """Return what there is to go by, and whether the journal itself is no part of that."""
    try:
        record = read_journal(checkout)
    except RefusedError as error:
        if error.code != "damaged-journal":
            raise
        copied = newest_copy(checkout)
        if copied is None or copied.is_empty:
            raise _no_copy(checkout, error) from error
        return copied, True
    if not record.is_empty:
        return record, False
    is_live = is_lost(checkout) and not is_stale(checkout)
    copied = newest_copy(checkout) if is_live else None
    if copied is None or copied.is_empty:
        message = f"nothing is applied in {checkout.top}, as far as ttsopt knows"
        raise RefusedError("nothing-to-restore", message, "There is nothing to undo.")
    return copied, False


def _lost_files(checkout: Checkout, record: JournalRecord) -> dict[str, str]:
    """Files whose first versions are lost, and why they stay as they are; empty where that is what they are."""
    found = {
        file.path: _reason(checkout, file.path, file.original_sha256, {file.original_sha256})
        for file in record.journal.files
    }
    return {path: reason for path, reason in found.items() if reason is not None}


def _lost_steps(checkout: Checkout, record: JournalRecord) -> dict[str, str]:
    """The same of files that an unfinished step wrote, or was about to."""
    originals = {file.path: file.original_sha256 for file in record.journal.files}
    found = {
        file.path: _reason(
            checkout,
            file.path,
            file.before_sha256,
            {file.before_sha256, originals.get(file.path, file.before_sha256)},
        )
        for file in record.pending
    }
    return {path: reason for path, reason in found.items() if reason is not None}


def _reason(checkout: Checkout, path: str, name: str, as_good: Collection[str]) -> str | None:
    """Why a version of a file cannot be had; empty where what is there is `as_good`, None where it can."""
    try:
        fetch(checkout, name)
    except RefusedError as error:
        now = sha256(read_if_there(checkout.locate(path)))
        return "" if now in {*as_good, ""} else error.message
    return None


def _without(
    record: JournalRecord, files: Collection[str], steps: Collection[str]
) -> JournalRecord:
    lost = [
        FileDrift(file, FileState.DRIFTED) for file in record.journal.files if file.path in files
    ]
    pending = tuple(file for file in record.pending if file.path not in steps)
    return replace(record, journal=without_gone(record.journal, lost), pending=pending)


def _set_aside(checkout: Checkout) -> tuple[Path | None, tuple[str, ...]]:
    path = checkout.state / JOURNAL
    if path.is_dir():
        return _move_aside(checkout, path), ()
    try:
        data = read_if_there(path)
        return (keep_replaced(checkout, f"{STATE}/{JOURNAL}", data) if data else None), ()
    except CannotRunError as error:
        return None, (f"the damaged journal is not kept: {error.message}",)


def _move_aside(checkout: Checkout, path: Path) -> Path:
    """A folder in the journal's place has to go, and is kept: nobody knows what is in it."""
    place = new_place(checkout) / STATE / JOURNAL
    try:
        shutil.copytree(path, place, symlinks=True)
    except (OSError, shutil.Error) as error:
        message = f"{path} is a folder, and cannot be kept in {place}: {error}"
        raise CannotRunError("unwritable", message, "Move it away yourself.") from error
    remove_folder(path)
    return place


def _no_copy(checkout: Checkout, error: RefusedError) -> RefusedError:
    message = f"{error.message}, and there is no whole copy of it, beside it or in {checkout.copy}"
    stored = f"The originals are in {checkout.state / ORIGINALS}, named by their SHA-256."
    return RefusedError("nothing-proven", message, f"{BY_HAND} {stored}")


def _nothing_proven(checkout: Checkout, kept: tuple[tuple[str, str], ...]) -> RefusedError:
    message = "nothing was changed; the originals are lost:"
    return RefusedError("nothing-proven", message, BY_HAND, _listed(checkout, kept))


def _reinstated_only(
    checkout: Checkout, kept: tuple[tuple[str, str], ...], rows: Sequence[InTheWay]
) -> RefusedError:
    message = (
        "the journal was put back from its copy, but no file was rolled back by it: these cannot be reached, or "
        "were edited where the patches are:"
    )
    hint = (
        f"{way_out(rows)}, as `ttsopt rollback`, which goes on from here; or `ttsopt rollback --force`: it keeps "
        "the files as they are in your state folder, and says where."
    )
    return RefusedError("edited-since", message, hint, _listed(checkout, kept))


def _left_over(checkout: Checkout, kept: tuple[tuple[str, str], ...]) -> GateFailedError:
    message = "not all could be restored; these files were left as they are:"
    hint = "If the checkout is under git, `git checkout -- FILE` brings an original back."
    return GateFailedError("not-all-restored", message, hint, _listed(checkout, kept))


def _listed(checkout: Checkout, kept: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"  {checkout.from_directory(path)}: {reason}" for path, reason in kept]
