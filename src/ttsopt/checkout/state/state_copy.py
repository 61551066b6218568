"""The second copy of a checkout's state, in the user's state folder: `git clean -fdx` does not reach it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ttsopt.checkout.fs.files import make_folders, remove_leftovers, sha256
from ttsopt.checkout.fs.folder import open_folder
from ttsopt.checkout.state.file_state import look
from ttsopt.checkout.state.journal import SECOND, read_journal, read_second, write_journal
from ttsopt.checkout.state.journal_format import JournalRecord, encode
from ttsopt.checkout.state.location import JOURNAL, Checkout
from ttsopt.checkout.state.own_copy import ForeignStateError, read_copy
from ttsopt.checkout.state.ownership import own_folder_of
from ttsopt.checkout.state.replaced import new_place
from ttsopt.checkout.state.seal_key import load_key, sealing_key
from ttsopt.checkout.state.state_files import (
    FOR_OTHERS,
    PRIVATE_MODE,
    put,
    put_originals,
    temporary_of,
    writing,
)
from ttsopt.checkout.state.state_home import VARIABLE
from ttsopt.checkout.state.store import ORIGINALS, fetch, is_empty, keep_all, open_store
from ttsopt.errors import RefusedError, TtsoptError

TOP = "top.txt"  # for people: whose the folder is


def read_state(checkout: Checkout) -> JournalRecord:
    """The record of a checkout, from the copy where the checkout has none any more.

    Raises:
        RefusedError, CannotRunError: As `read_journal`.
    """
    return (_live_copy(checkout) if is_lost(checkout) else None) or read_journal(checkout)


def _live_copy(checkout: Checkout) -> JournalRecord | None:
    """Return what the copy says, where some file is not as it was before everything that it speaks of."""
    record = read_copy(checkout)
    if record is None:
        return None
    first = {file.path: file.before_sha256 for file in record.pending}
    first |= {file.path: file.original_sha256 for file in record.journal.files}
    found = ((look(checkout, path), name) for path, name in first.items())
    is_there = any(one.unreachable or sha256(one.data) not in {name, ""} for one, name in found)
    return record if is_there else None


def is_lost(checkout: Checkout) -> bool:
    """Return True if the checkout has no state: there never was any, or its folder was deleted or emptied."""
    kept = (checkout.state / name for name in (JOURNAL, SECOND))
    return not any(os.path.lexists(path) for path in kept) and is_empty(checkout)


def newest_copy(checkout: Checkout) -> JournalRecord | None:
    """The newest whole copy of a journal that is damaged: beside it, or in the user's state folder.

    The one beside it is of this tree. What is in the user's folder may be of one that lay here before, or of
    another container's, and counts only where it is of the same life, or where nothing says of which this is.

    Raises:
        ForeignStateError: There is none but that beside it, and nothing proves that this user's ttsopt wrote it.
        RefusedError, CannotRunError: As `read_second`.
    """
    copied = read_copy(checkout)
    try:
        second = read_second(checkout)
    except ForeignStateError:
        if copied is None:
            raise
        return copied
    if second is None or copied is None:
        return second or copied
    return copied if copied.life == second.life and copied.sequence > second.sequence else second


def keep_copy(checkout: Checkout, record: JournalRecord) -> tuple[str, ...]:
    """Make the copy tell the same as the journal; gives what to tell the user where that cannot be done."""
    notes = _told(checkout, lambda: _write(checkout, record))
    return (f"{notes[0]}; {_without_key(checkout)}",) if notes and _has_no_key() else notes


def refresh_copy(checkout: Checkout, record: JournalRecord) -> tuple[str, ...]:
    """As `keep_copy`, where the copy is of another moment."""
    copied = read_copy(checkout)
    if copied is None or copied != record:
        return keep_copy(checkout, record)
    is_same = (copied.sequence, copied.life) == (record.sequence, record.life)
    return () if is_same else keep_copy(checkout, record)


def discard_copy(checkout: Checkout) -> tuple[str, ...]:
    """Drop the copy's journal and originals: nothing is applied any more, or the copy is of another tree.

    What is beside them stays; with nothing else in it, the folder goes too. Gives notes as `keep_copy`.
    """
    return _told(checkout, lambda: _delete(checkout))


def put_back(checkout: Checkout) -> None:
    """Make the checkout's state anew from the copy, where that is all there is; a step that it speaks of, too.

    Raises:
        CannotRunError: It could not be written.
    """
    begun = read_copy(checkout)
    for file in begun.pending if begun else ():
        remove_leftovers(checkout.locate(file.path))
    record = _live_copy(checkout)
    if record is None:
        discard_copy(checkout)
        return
    open_store(checkout)
    mend_store(checkout, write_journal(checkout, record))


def mend_store(checkout: Checkout, record: JournalRecord) -> None:
    """Bring back those originals of a record that only the copy has.

    Raises:
        CannotRunError, RefusedError: As `keep_all`.
    """
    missing = (
        name
        for name in sorted(record.originals)
        if not (checkout.state / ORIGINALS / name).exists()
        and (checkout.copy / ORIGINALS / name).exists()
    )
    found = [_find(checkout, name) for name in missing]
    if found:
        keep_all(checkout, found, record.private)


def _find(checkout: Checkout, name: str) -> bytes | None:
    """Stored bytes, where they are to be had; whoever needs them is told otherwise by `fetch`."""
    try:
        return fetch(checkout, name)
    except RefusedError:
        return None


def _write(checkout: Checkout, record: JournalRecord) -> None:
    """Originals first: a journal that can be read has all that it speaks of."""
    copy = own_folder_of(checkout.top)
    # Before a copy that cannot be read is set aside: it may have an original that is damaged in the checkout.
    found = {name: _find(checkout, name) for name in sorted(record.originals - _stored(copy))}
    if _is_unreadable(checkout):
        found |= {name: _find(checkout, name) for name in sorted(record.originals)}
        _set_aside(checkout)
    _write_originals(copy, record, {name: data for name, data in found.items() if data is not None})
    with writing(copy, private=True) as folder:
        if folder.status(TOP) is None:
            put(folder, TOP, os.fsencode(checkout.top) + b"\n", PRIVATE_MODE, durable=False)
        put(folder, JOURNAL, encode(record, sealing_key()), PRIVATE_MODE)
        folder.sync()
    if not record.pending:
        with writing(copy / ORIGINALS) as folder:
            for name in set(folder.names()) - record.originals:
                folder.unlink(name)


def _stored(copy: Path) -> set[str]:
    """The names of the originals that the copy has."""
    try:
        with open_folder(copy / ORIGINALS) as folder:
            return set(folder.names())
    except FileNotFoundError:
        return set()


def _write_originals(copy: Path, record: JournalRecord, found: dict[str, bytes]) -> None:
    with writing(copy / ORIGINALS, private=True) as folder:
        put_originals(folder, found, record.private)
    for below in (copy.parent, copy, copy / ORIGINALS):  # of a ttsopt that made them for all to see
        if os.name != "nt" and below.stat().st_mode & FOR_OTHERS:
            below.chmod(0o700)


def _delete(checkout: Checkout) -> None:
    copy = checkout.copy
    if not copy.is_dir():
        return
    if _is_unreadable(checkout):
        _set_aside(checkout)
    with open_folder(copy) as folder:
        names = set(folder.names())
        if JOURNAL in names:
            folder.unlink(JOURNAL)
            folder.sync()  # it may not come back and speak of originals that are gone
        for name in names & {temporary_of(JOURNAL), temporary_of(TOP)}:
            folder.unlink(name)
        if ORIGINALS in names:
            folder.remove_tree(ORIGINALS)
        if set(folder.names()) <= {TOP}:
            folder.unlink(TOP)
    with open_folder(copy.parent) as above:
        above.remove_empty_folder(copy.name)


def _is_unreadable(checkout: Checkout) -> bool:
    """True if there is a copy that is damaged, or a newer ttsopt's: nobody can tell its worth."""
    return (checkout.copy / JOURNAL).exists() and read_copy(checkout) is None


def _set_aside(checkout: Checkout) -> None:
    """Keep what nobody can tell the worth of: it is not deleted."""
    copy, place = checkout.copy, new_place(checkout)
    make_folders(place, private=True)
    for name in (JOURNAL, ORIGINALS):
        if (copy / name).exists():
            (copy / name).rename(place / name)


def _has_no_key() -> bool:
    try:
        return load_key() is None
    except TtsoptError:
        return True


def _without_key(checkout: Checkout) -> str:
    return (
        f"nothing will prove that {checkout.state} is yours: the next command refuses it as foreign, and says how "
        f"to go on; with {VARIABLE} set to a folder that you may write in, none does"
    )


def _told(checkout: Checkout, action: Callable[[], None]) -> tuple[str, ...]:
    try:
        action()
    except (OSError, TtsoptError) as error:
        return (f"the copy of the originals in {checkout.copy} is not up to date: {error}",)
    return ()
