"""A step that was begun and not finished: whether it wrote anything, and how its files go back."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from ttsopt.checkout.files import (
    read_if_there,
    remove_empty_folders,
    remove_file,
    remove_leftovers,
    sha256,
)
from ttsopt.checkout.journal_format import JournalRecord, PendingFile
from ttsopt.checkout.location import Checkout
from ttsopt.checkout.replaced import keep_replaced
from ttsopt.checkout.store import ORIGINALS, fetch
from ttsopt.errors import RefusedError

WriteFile = Callable[[Path, bytes, int], None]


@dataclass(frozen=True, slots=True)
class Undone:
    """The files (from the top) that were put back, and what to tell of those that were edited meanwhile."""

    put_back: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


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
    checkout: Checkout, record: JournalRecord, write: WriteFile, *, only: Collection[str] | None
) -> Undone:
    """Every file that the step wrote is as before it again; `only` names those that it can have written, if known.

    A file that is neither as before the step nor as after it was edited, or is another version by now. It stays
    as it is, and what it was before is set aside.

    Raises:
        RefusedError: What a written file was before is lost.
        CannotRunError: Something could not be written.
    """
    steps = [file for file in record.pending if only is None or file.path in only]
    put_back = tuple(file.path for file in steps if _put_back(checkout, file, write))
    edited = [file for file in steps if _was_edited(checkout, record, file)]
    return Undone(put_back, tuple(_set_aside(checkout, file) for file in edited))


def _is_stored(checkout: Checkout, name: str) -> bool:
    stores = (checkout.state / ORIGINALS, checkout.copy / ORIGINALS)
    return not name or any(os.path.lexists(store / name) for store in stores)


def _was_written(checkout: Checkout, record: JournalRecord, file: PendingFile) -> bool:
    """Whether it is as after the step, and not because somebody put its first version there."""
    now = _hash_of(checkout, file)
    return now == file.after_sha256 != file.before_sha256 and now != _original_of(record, file)


def _put_back(checkout: Checkout, file: PendingFile, write: WriteFile) -> bool:
    """Whether a file had been written by the step, and is now as before it."""
    path = checkout.locate(file.path)
    remove_leftovers(path)
    written = _hash_of(checkout, file) == file.after_sha256 != file.before_sha256
    before = fetch(checkout, file.before_sha256) if written else None
    if before is not None:
        write(path, before, file.mode)
    elif written:
        remove_file(path)
    if not file.before_sha256:
        remove_empty_folders(path, file.folders)
    return written


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


def _hash_of(checkout: Checkout, file: PendingFile) -> str:
    return sha256(read_if_there(checkout.locate(file.path)))


def _original_of(record: JournalRecord, file: PendingFile) -> str:
    """The hash of a file's first version, as far as the journal knows one."""
    known = record.journal.file(file.path)
    return known.original_sha256 if known else file.before_sha256
