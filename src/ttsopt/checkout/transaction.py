"""One step from a state of the checkout to the next: whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ttsopt.checkout.fs.files import (
    mode_bits,
    read_if_there,
    remove_folder,
    sha256,
    write_file,
)
from ttsopt.checkout.state.journal import JournalRecord, PendingFile, read_journal, write_journal
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.own_copy import read_copy
from ttsopt.checkout.state.replaced import guard
from ttsopt.checkout.state.state_copy import (
    discard_copy,
    is_lost,
    keep_copy,
    mend_store,
    put_back,
    refresh_copy,
)
from ttsopt.checkout.state.store import forget_all_but, keep_all, open_store
from ttsopt.checkout.unfinished import Undone, put_files_back, without_unbegun
from ttsopt.domain.journal import Journal
from ttsopt.domain.plan import FileChange
from ttsopt.errors import RefusedError, TtsoptError


@dataclass(frozen=True, slots=True)
class _Step:
    """A change, its file's path from the top, and the real file: a link that is put there later is refused."""

    change: FileChange
    path: str
    real: Path


def commit(checkout: Checkout, changes: Sequence[FileChange], journal: Journal) -> tuple[str, ...]:
    """Write all changes and the journal that tells of them; gives notes on what is not as it should be.

    The order is: verify all, journal the step as pending, store originals, copy both to the user's state folder,
    verify and write file by file, and look at what each write displaced; verify all, journal the step as done;
    then the copy follows, and what nothing needs goes. A pending step needs no original until its first file is
    written, so the journal may come first; it has to, since originals without one are taken for a journal that
    was lost. Where anything fails, the files are put back before the error goes on.

    Raises:
        RefusedError: A file is not what the plan was made for; nothing was written, or all was put back but for
            what somebody saved meanwhile: the message says where its earlier version is.
        CannotRunError: Writing failed; the checkout is as before.
    """
    before = _numbered(checkout, read_journal(checkout))
    steps = tuple(_step(checkout, change) for change in changes)
    for step in steps:
        _verify(step, step.change.current)
    pending = tuple(map(_pending, steps))
    begun: list[str] = []  # whatever else changes meanwhile is somebody else's doing
    try:
        open_store(checkout)
        if steps:
            before = write_journal(checkout, replace(before, pending=pending))
            texts = [text for one in changes for text in (one.original, one.current)]
            keep_all(checkout, texts, before.private)
            keep_copy(checkout, before)  # whether it can be kept is told by the one that stays
        for step in steps:
            _verify(step, step.change.current)
            _write(checkout, step, begun)
        for step in steps:
            _verify(step, step.change.after)
        done = write_journal(checkout, replace(before, journal=journal, pending=()))
    except BaseException as error:
        undone = _undo(checkout, begun)
        if undone.notes and isinstance(error, TtsoptError):
            error.add(undone.notes)
        raise
    return _clean_up(checkout, done)


def recover(checkout: Checkout, tell: Callable[[str], None] = lambda _: None) -> tuple[str, ...]:
    """Undo a step that was begun and not finished; gives the files (from the top) that were put back.

    A state that is wholly gone from the checkout is made anew from its copy first. A file that is neither as
    before the step nor as after it was edited since: it is left alone, and `tell` is called with where the
    version is that the step began from.

    Raises:
        RefusedError: The state is damaged, or what a file was before the step is lost. Or all was undone, but of a
            file that was saved more than once an earlier save is in the user's state folder alone.
        CannotRunError: Something could not be written.
    """
    if is_lost(checkout):
        put_back(checkout)
    else:
        mend_store(checkout, read_journal(checkout))
    undone = _undo(checkout)
    if undone.is_kept:
        message = "an earlier run was stopped, and was undone"
        raise RefusedError("changed-meanwhile", message, "Run the command again.", undone.notes)
    for note in undone.notes:
        tell(note)
    return undone.put_back


def _undo(checkout: Checkout, begun: Collection[str] | None = None) -> Undone:
    """Back to before the step; of one that was done, only what comes after it is left to do.

    `begun` are the files that were written, where that is known. What cannot be copied or deleted here is said
    by the commit that comes next, which has to do the same.
    """
    record = read_journal(checkout)
    undone = put_files_back(checkout, without_unbegun(checkout, record), only=begun)
    if record.pending:
        record = write_journal(checkout, replace(record, pending=()))
        _clean_up(checkout, record)
    elif checkout.state.is_dir() and not record.journal.patches:
        _clean_up(checkout, record)
    elif record.journal.patches:
        refresh_copy(checkout, record)
    return undone


def _numbered(checkout: Checkout, record: JournalRecord) -> JournalRecord:
    """A first journal counts on from a copy that could not be deleted, so that it is the newer one."""
    left = None if record.sequence else read_copy(checkout)
    # What starts from nothing is a life of its own; the first write names it.
    record = replace(record, life="") if record.is_empty else record
    return replace(record, sequence=left.sequence) if left else record


def _write(checkout: Checkout, step: _Step, begun: list[str]) -> None:
    change = step.change
    begun.append(step.path)
    expected = guard(checkout, step.path, sha256(change.current))
    done = write_file(step.real, change.after, change.mode, expected, change.folders)
    if not done.is_done:
        begun.remove(step.path)  # it is as it was saved: there is nothing to put back
        raise _changed(step, done.kept)


def _step(checkout: Checkout, change: FileChange) -> _Step:
    path = checkout.from_top(change.path)
    return _Step(change, path, checkout.locate(path))


def _pending(step: _Step) -> PendingFile:
    change = step.change
    before, after = sha256(change.current), sha256(change.after)
    return PendingFile(step.path, before, after, mode_bits(step.real, change.mode), change.folders)


def _clean_up(checkout: Checkout, record: JournalRecord) -> tuple[str, ...]:
    """Drop what a settled journal, which is written by now, does not ask for; what fails here may wait."""
    is_over = not record.journal.patches
    notes = discard_copy(checkout) if is_over else keep_copy(checkout, record)
    try:
        forget_all_but(checkout, record.originals)
        # A copy that could not be dropped must not be all that is left: it tells of what was taken out.
        if is_over and not (notes and read_copy(checkout)):
            remove_folder(checkout.state)
    except TtsoptError as error:
        left = f"{checkout.state} holds more than is needed: {error}"
        return (*notes, left)
    return notes


def _verify(step: _Step, expected: bytes | None) -> None:
    if read_if_there(step.real) != expected:
        raise _changed(step)


def _changed(step: _Step, kept: Iterable[Path] = ()) -> RefusedError:
    message = f"{step.change.path} changed while ttsopt was at work"
    places = "".join(f"; what was saved first is in {place}" for place in kept)
    return RefusedError("changed-meanwhile", message + places, "Run the command again.")
