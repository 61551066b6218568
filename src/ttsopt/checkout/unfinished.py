"""A step that was begun and not finished: whether it wrote anything, and how its files go back."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from ttsopt.checkout.fs.files import (
    read_if_there,
    remove_empty_folders,
    remove_leftovers,
    settle_displaced,
    sha256,
    write_file,
)
from ttsopt.checkout.fs.swap import Written
from ttsopt.checkout.state.journal_format import JournalRecord, PendingFile
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.replaced import guard, keep_replaced
from ttsopt.checkout.state.store import ORIGINALS, fetch
from ttsopt.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Undone:
    """The files (from the top) that were put back, and what to tell of those that were edited meanwhile.

    `is_kept`: an edit is in the user's state folder, and not in its file any more.
    """

    put_back: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_kept: bool = False


def without_unbegun(checkout: Checkout, record: JournalRecord) -> JournalRecord:
    """The record without a step that wrote no file yet.

    All that the step begins from is stored before the first write, so what is in no store proves that there was
    none. A file that is as the step was to leave it says otherwise: then the original was lost since.
    """
    is_stored = all(_is_stored(checkout, file.before_sha256) for file in record.pending)
    if is_stored or any(_was_written(checkout, record, file) for file in record.pending):
        return record
    return replace(record, pending=())


def put_files_back(
    checkout: Checkout, record: JournalRecord, *, only: Collection[str] | None
) -> Undone:
    """Every file that the step wrote is as before it again; `only` names those that it can have written, if known.

    A file that is neither as before the step nor as after it was edited, or is another version by now. It stays
    as it is, and what it was before is set aside.

    Raises:
        RefusedError: What a written file was before is lost.
        CannotRunError: Something could not be written.
    """
    steps = [file for file in record.pending if only is None or file.path in only]
    kept = {file.path: _settle(checkout, file) for file in steps}
    back: dict[str, bool] = {}
    for file in steps:
        back[file.path], places = _put_back(checkout, file)
        kept[file.path] += places
    edited = [file for file in steps if _was_edited(checkout, record, file)]
    notes = [_set_aside(checkout, file) for file in edited]
    notes += [_note(path, place) for path, places in kept.items() for place in places]
    put_back = tuple(path for path, is_back in back.items() if is_back)
    return Undone(put_back, tuple(notes), any(kept.values()))


def _is_stored(checkout: Checkout, name: str) -> bool:
    stores = (checkout.state / ORIGINALS, checkout.copy / ORIGINALS)
    return not name or any(os.path.lexists(store / name) for store in stores)


def _was_written(checkout: Checkout, record: JournalRecord, file: PendingFile) -> bool:
    """Return True if it is as after the step, and not because somebody put its first version there."""
    return _is_as_after(checkout, file) and file.after_sha256 != _original_of(record, file)


def _settle(checkout: Checkout, file: PendingFile) -> tuple[Path, ...]:
    """Clear what a killed write left beside a file; gives where edits are kept that could not go back into it."""
    path = checkout.locate(file.path)
    if _is_as_after(checkout, file):
        # Where that is lost, what lies beside the file may be the last of it.
        fetch(checkout, file.before_sha256)
    remove_leftovers(path)
    versions = {file.before_sha256, file.after_sha256}
    return settle_displaced(path, versions, guard(checkout, file.path, file.after_sha256).keep)


def _put_back(checkout: Checkout, file: PendingFile) -> tuple[bool, tuple[Path, ...]]:
    """True if a file had been written by the step and is now as before it, and where edits of it are kept."""
    path = checkout.locate(file.path)
    done = Written(is_done=False)
    if _is_as_after(checkout, file):
        before = fetch(checkout, file.before_sha256)
        expected = guard(checkout, file.path, file.after_sha256)
        done = write_file(path, before, file.mode, expected)
    if not file.before_sha256:
        remove_empty_folders(path, file.folders)
    return done.is_done, done.kept


def _note(path: str, place: Path) -> str:
    return f"{path} was saved again while ttsopt was at work; an earlier save of it is in {place}"


def _was_edited(checkout: Checkout, record: JournalRecord, file: PendingFile) -> bool:
    # A file that somebody deleted since is theirs to delete, and git's version of it is as good as no edit.
    return _hash_of(checkout, file) not in {
        "",
        file.before_sha256,
        _original_of(record, file),
    }


def _set_aside(checkout: Checkout, file: PendingFile) -> str:
    message = f"{file.path} was edited after an earlier run was stopped, and stays as it is"
    if not file.before_sha256:
        return f"{message}; that run was to make it"
    try:
        before = fetch(checkout, file.before_sha256)
    except RefusedError as error:
        return f"{message}; what it was before that run is lost: {error.message}"
    place = keep_replaced(checkout, file.path, before or b"")
    return f"{message}; what it was before that run is in {place}"


def _is_as_after(checkout: Checkout, file: PendingFile) -> bool:
    return _hash_of(checkout, file) == file.after_sha256 != file.before_sha256


def _hash_of(checkout: Checkout, file: PendingFile) -> str:
    return sha256(read_if_there(checkout.locate(file.path)))


def _original_of(record: JournalRecord, file: PendingFile) -> str:
    """The hash of a file's first version, as far as the journal knows one."""
    known = record.journal.file(file.path)
    return known.original_sha256 if known else file.before_sha256
