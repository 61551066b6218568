"""The journal on disk: `.ttsopt/journal.json`, and beside it a copy, so that one damaged file is not the end."""

from __future__ import annotations

import os
from dataclasses import replace

from ttsopt.checkout.fs.files import read_if_there
from ttsopt.checkout.state.journal_format import (
    DamagedJournalError,
    JournalRecord,
    NewerJournalError,
    PendingFile,
    decode_with_proof,
    encode,
)
from ttsopt.checkout.state.location import JOURNAL, Checkout
from ttsopt.checkout.state.own_copy import ForeignStateError, is_own
from ttsopt.checkout.state.seal_key import sealing_key
from ttsopt.checkout.state.state_files import LARGEST, PRIVATE_MODE, put, writing
from ttsopt.checkout.state.store import ORIGINALS, is_empty
from ttsopt.errors import CannotRunError, RefusedError

__all__ = ["JournalRecord", "PendingFile", "adopt", "read_journal", "read_second", "write_journal"]

SECOND = "journal.copy.json"


def read_journal(checkout: Checkout) -> JournalRecord:
    """The record of a checkout; an empty one where nothing is applied.

    Raises:
        ForeignStateError: It is whole, and nothing proves that this user's ttsopt wrote it.
        RefusedError: It is damaged, newer than this program, or leads out of the checkout; never read as
            "nothing applied".
        CannotRunError: It cannot be read.
    """
    _refuse_links(checkout)
    path = checkout.state / JOURNAL
    if path.is_dir():
        raise _damaged(checkout, f"{path} is a folder")
    data = read_if_there(path)
    try:
        if data is not None:
            return _own(checkout, data)
    except NewerJournalError as error:
        raise RefusedError("newer-journal", f"{path}: {error}", "Upgrade ttsopt.") from error
    except DamagedJournalError as error:
        raise _damaged(checkout, f"{path} is damaged: {error}") from error
    # It is written before the first original and deleted after the last one.
    second = _second(checkout)
    if is_empty(checkout) and (second is None or second.is_empty):
        return JournalRecord()
    raise _damaged(checkout, f"{path} is gone, but not what was kept beside it")


def read_second(checkout: Checkout) -> JournalRecord | None:
    """Return what the copy beside the journal says; None where it is gone or damaged.

    Raises:
        ForeignStateError: It is whole, and nothing proves that this user's ttsopt wrote it.
        CannotRunError: It cannot be read.
        RefusedError: It is a link.
    """
    data = read_if_there(checkout.state / SECOND)
    try:
        return _own(checkout, data) if data is not None else None
    except (DamagedJournalError, NewerJournalError):
        return None


def _second(checkout: Checkout) -> JournalRecord | None:
    """The same, whoever wrote it."""
    try:
        return read_second(checkout)
    except ForeignStateError as error:
        return error.record


def _own(checkout: Checkout, data: bytes) -> JournalRecord:
    record, proof = decode_with_proof(data)
    if not is_own(checkout, record, proof):
        raise ForeignStateError(checkout, record, proof.digest)
    return record


def adopt(checkout: Checkout, digest: str) -> None:
    """Make a foreign journal the user's own, where it is the very one that the user saw; else leave all as it is.

    Where the journal is damaged, the copy beside it is the one that is adopted.

    Raises:
        ForeignStateError: It is another one.
        RefusedError: It leads out of the checkout, or is newer than this program.
        CannotRunError: It cannot be read or written.
    """
    try:
        read_journal(checkout)
    except ForeignStateError as error:
        _check_digest(error, digest)
        write_journal(checkout, error.record)
    except RefusedError as error:
        if error.code != "damaged-journal":
            raise
        _adopt_second(checkout, digest)


def _adopt_second(checkout: Checkout, digest: str) -> None:
    try:
        read_second(checkout)
    except ForeignStateError as error:
        _check_digest(error, digest)
        with writing(checkout.state) as folder:
            put(folder, SECOND, encode(error.record, sealing_key()), PRIVATE_MODE)


def _check_digest(found: ForeignStateError, digest: str) -> None:
    if digest.lower() != found.digest:
        found.add([f"what is there has another digest than {digest or 'an empty one'}"])
        raise found


def write_journal(checkout: Checkout, record: JournalRecord) -> JournalRecord:
    """Put a record in the place of the one before, in one step; gives it with the number that it was written by.

    One that is of no life yet is given one. It carries the seal of the user's key.

    Raises:
        CannotRunError: It could not be written, or would be too large to be read again.
        RefusedError: The folder is a link.
    """
    life = record.life or os.urandom(8).hex()
    written = replace(record, sequence=record.sequence + 1, life=life)
    data = encode(written, sealing_key())
    if len(data) > LARGEST:
        message = f"the record of these patches would take {len(data)} bytes; {LARGEST} are allowed"
        raise CannotRunError("too-large", message, "Apply fewer of them, or smaller ones.")
    with writing(checkout.state) as folder:
        if written.is_empty and folder.status(SECOND):
            # Left alone in a folder that is being deleted, it would tell of a journal that was lost.
            folder.unlink(SECOND)
        # Lines of the files are in it.
        mode = PRIVATE_MODE if written.private else 0o644
        put(folder, JOURNAL, data, mode)
        folder.sync()
        if not written.is_empty:
            # Never there before the journal, and not worth waiting for: damaged, it is told by its check.
            put(folder, SECOND, data, mode, durable=False)
    return written


def _refuse_links(checkout: Checkout) -> None:
    for folder in (checkout.state, checkout.state / ORIGINALS):
        if folder.is_symlink():
            message = f"{folder} is a link; ttsopt keeps its state inside the checkout"
            raise RefusedError("outside", message, "Delete the link, if you did not make it.")


def _damaged(checkout: Checkout, message: str) -> RefusedError:
    hint = (
        "`ttsopt restore` takes out what the copies of the journal can prove; the originals are in "
        f"{checkout.state / ORIGINALS}, named by their SHA-256."
    )
    return RefusedError("damaged-journal", message, hint)
