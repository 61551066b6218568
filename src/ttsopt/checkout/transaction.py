"""One step from a state of the checkout to the next: whole, or not at all."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from ttsopt.checkout.files import (
    create_file,
    read_if_there,
    remove_empty_folders,
    remove_file,
    remove_folder,
    remove_leftovers,
    replace_file,
    sha256,
)
from ttsopt.checkout.journal import JournalRecord, PendingFile, read_journal, write_journal
from ttsopt.checkout.location import Checkout
from ttsopt.checkout.store import fetch, forget_all_but, keep, open_store
from ttsopt.domain.journal import Journal, JournalFile
from ttsopt.domain.plan import FileChange
from ttsopt.errors import RefusedError


def commit(checkout: Checkout, changes: Sequence[FileChange], journal: Journal) -> None:
    """Write all changes and the journal that tells of them.

    The order is: verify, store originals, journal the step as pending, write file by file, verify, journal
    the step as done. Where anything fails, the files are put back before the error goes on.

    Raises:
        RefusedError: A file is not what the plan was made for; nothing was written.
        CannotRunError: Writing failed; the checkout is as before.
    """
    before = read_journal(checkout).journal
    for change in changes:
        _verify(checkout, change.path, change.current)
    try:
        open_store(checkout)
        write_journal(checkout, JournalRecord(before))
        pending = tuple(_store(checkout, change) for change in changes)
        write_journal(checkout, JournalRecord(before, pending))
        for change in changes:
            _write(checkout, change)
        for change in changes:
            _verify(checkout, change.path, change.after)
        write_journal(checkout, JournalRecord(journal))
    except BaseException:
        recover(checkout)
        raise
    _clean_up(checkout, journal)


def recover(checkout: Checkout) -> tuple[str, ...]:
    """Undo a step that was begun and not finished; gives the files (from the top) that were put back.

    Raises:
        RefusedError: A file is neither as before the step nor as after it: it was edited since. It is left
            alone, and what the step began from stays in the store.
    """
    record = read_journal(checkout)
    put_back = tuple(file.path for file in record.pending if _put_back(checkout, file))
    edited = [file for file in record.pending if _was_edited(checkout, file)]
    if edited:
        raise _edited_since(checkout, edited[0])
    if record.pending or (checkout.state.exists() and not record.journal.patches):
        write_journal(checkout, JournalRecord(record.journal))
        _clean_up(checkout, record.journal)
    return put_back


def describe_file(checkout: Checkout, path: str, change: FileChange) -> JournalFile:
    """The journal's record of a file (by its path from the top) that a change is to be made to."""
    real = checkout.locate(path)
    mode = stat.S_IMODE(real.stat().st_mode) if real.exists() else change.mode
    return JournalFile(path, sha256(change.original), sha256(change.after), mode, change.folders)


def _write(checkout: Checkout, change: FileChange) -> None:
    path = checkout.locate(checkout.from_top(change.path))
    if change.after is None:
        remove_file(path, change.folders)
    else:
        _put(path, change.after, change.mode)


def _put(path: Path, data: bytes, mode: int) -> None:
    """Write a file; one that is there keeps its own mode."""
    if path.exists():
        replace_file(path, data)
    else:
        create_file(path, data, mode)


def _put_back(checkout: Checkout, file: PendingFile) -> bool:
    """Whether a file had been written by the step, and is now as before it."""
    path = checkout.locate(file.path)
    remove_leftovers(path)
    written = sha256(read_if_there(path)) == file.after_sha256 != file.before_sha256
    before = fetch(checkout, file.before_sha256) if written else None
    if before is not None:
        _put(path, before, file.mode)
    elif written:
        remove_file(path)
    if not file.before_sha256:
        remove_empty_folders(path, file.folders)
    return written


def _was_edited(checkout: Checkout, file: PendingFile) -> bool:
    now = sha256(read_if_there(checkout.locate(file.path)))
    # A file that somebody deleted since is theirs to delete.
    return bool(now) and now != file.before_sha256


def _edited_since(checkout: Checkout, file: PendingFile) -> RefusedError:
    message = f"{file.path} was edited after an earlier run was stopped while it wrote it"
    stored = checkout.state / "originals" / file.before_sha256
    hint = (
        f"Save your edit elsewhere, put {stored} in the file's place, and run the command again."
        if file.before_sha256
        else "Save your edit elsewhere, delete the file, and run the command again."
    )
    return RefusedError("edited-since", message, hint)


def _store(checkout: Checkout, change: FileChange) -> PendingFile:
    keep(checkout, change.original)
    path = checkout.from_top(change.path)
    mode = describe_file(checkout, path, change).mode
    before = keep(checkout, change.current)
    return PendingFile(path, before, sha256(change.after), mode, change.folders)


def _clean_up(checkout: Checkout, journal: Journal) -> None:
    """Drop what the journal, which is written by now, does not ask for."""
    forget_all_but(checkout, {file.original_sha256 for file in journal.files})
    if not journal.patches:
        remove_folder(checkout.state)


def _verify(checkout: Checkout, path: str, expected: bytes | None) -> None:
    if read_if_there(checkout.locate(checkout.from_top(path))) != expected:
        message = f"{path} changed while ttsopt was at work"
        raise RefusedError("changed-meanwhile", message, "Run the command again.")
