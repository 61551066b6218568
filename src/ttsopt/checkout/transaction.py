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
    except BaseException:
        recover(checkout)
        raise
    _settle(checkout, journal)


def recover(checkout: Checkout) -> tuple[str, ...]:
    """Undo a step that was begun and not finished; gives the files (from the top) that were put back.

    A file that is neither as before the step nor as after it was edited since, and is left alone.
    """
    record = read_journal(checkout)
    put_back: list[str] = []
    for file in record.pending:
        path = checkout.locate(file.path)
        remove_leftovers(path)
        if path.exists() and sha256(read_file(path)) == file.after_sha256 != file.before_sha256:
            replace_file(path, fetch(checkout, file.before_sha256))
            put_back.append(file.path)
    if record.pending or not record.journal.patches:
        _settle(checkout, record.journal)
    return tuple(put_back)


def describe_file(checkout: Checkout, path: str, original: bytes, after: bytes) -> JournalFile:
    """The journal's record of a file (by its path from the top) that is to hold `after`."""
    mode = stat.S_IMODE(checkout.locate(path).stat().st_mode)
    return JournalFile(path, sha256(original), sha256(after), mode)


def _store(checkout: Checkout, change: FileChange) -> PendingFile:
    keep(checkout, change.original)
    return PendingFile(
        checkout.from_top(change.path), keep(checkout, change.current), sha256(change.after)
    )


def _settle(checkout: Checkout, journal: Journal) -> None:
    if not checkout.state.exists():
        return
    # The journal first: an original must never be missed by a record that still asks for it.
    write_journal(checkout, JournalRecord(journal))
    forget_all_but(checkout, {file.original_sha256 for file in journal.files})
    if not journal.patches:
        remove_folder(checkout.state)


def _verify(checkout: Checkout, path: str, expected: str) -> None:
    if sha256(read_file(checkout.locate(checkout.from_top(path)))) != expected:
        message = f"{path} changed while ttsopt was at work"
        raise RefusedError("changed-meanwhile", message, "Run the command again.")
