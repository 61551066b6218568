"""One step from a state of the checkout to the next: whole, or not at all."""

from __future__ import annotations

import stat
from collections.abc import Sequence

from ttsopt.checkout.files import read_file, remove_folder, remove_leftovers, replace_file, sha256
from ttsopt.checkout.journal import JournalRecord, PendingFile, read_journal, write_journal
from ttsopt.checkout.location import Checkout
from ttsopt.checkout.store import fetch, forget_all_but, keep, open_store
from ttsopt.domain.journal import Journal, JournalFile
from ttsopt.domain.plan import FileChange
from ttsopt.errors import RefusedError


def commit(checkout: Checkout, changes: Sequence[FileChange], journal: Journal) -> None:
    """Write all changes and the journal that tells of them.

    The order is: verify, store originals, journal the step as pending, replace file by file, verify, journal
    the step as done. Where anything fails, the files are put back before the error goes on.

    Raises:
        RefusedError: A file is not what the plan was made for; nothing was written.
        CannotRunError: Writing failed; the checkout is as before.
    """
    before = read_journal(checkout).journal
    for change in changes:
        _verify(checkout, change.path, sha256(change.current))
    try:
        open_store(checkout)
        write_journal(checkout, JournalRecord(before))
        pending = tuple(_store(checkout, change) for change in changes)
        write_journal(checkout, JournalRecord(before, pending))
        for change in changes:
            replace_file(checkout.locate(checkout.from_top(change.path)), change.after)
        for change in changes:
            _verify(checkout, change.path, sha256(change.after))
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


def _put_back(checkout: Checkout, file: PendingFile) -> bool:
    """Whether a file had been written by the step, and is now as before it."""
    path = checkout.locate(file.path)
    remove_leftovers(path)
    written = path.exists() and sha256(read_file(path)) == file.after_sha256 != file.before_sha256
    if written:
        replace_file(path, fetch(checkout, file.before_sha256))
    return written


def _was_edited(checkout: Checkout, file: PendingFile) -> bool:
    path = checkout.locate(file.path)
    return path.exists() and sha256(read_file(path)) != file.before_sha256


def _edited_since(checkout: Checkout, file: PendingFile) -> RefusedError:
    message = f"{file.path} was edited after an earlier run was stopped while it wrote it"
    stored = checkout.state / "originals" / file.before_sha256
    hint = f"Save your edit elsewhere, put {stored} in the file's place, and run the command again."
    return RefusedError("edited-since", message, hint)


def describe_file(checkout: Checkout, path: str, original: bytes, after: bytes) -> JournalFile:
    """The journal's record of a file (by its path from the top) that is to hold `after`."""
    mode = stat.S_IMODE(checkout.locate(path).stat().st_mode)
    return JournalFile(path, sha256(original), sha256(after), mode)


def _store(checkout: Checkout, change: FileChange) -> PendingFile:
    keep(checkout, change.original)
    return PendingFile(
        checkout.from_top(change.path), keep(checkout, change.current), sha256(change.after)
    )


def _clean_up(checkout: Checkout, journal: Journal) -> None:
    """Drop what the journal, which is written by now, does not ask for."""
    forget_all_but(checkout, {file.original_sha256 for file in journal.files})
    if not journal.patches:
        remove_folder(checkout.state)


def _verify(checkout: Checkout, path: str, expected: str) -> None:
    if sha256(read_file(checkout.locate(checkout.from_top(path)))) != expected:
        message = f"{path} changed while ttsopt was at work"
        raise RefusedError("changed-meanwhile", message, "Run the command again.")
