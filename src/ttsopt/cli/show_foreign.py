"""State that is not the user's own, in the answer of `ttsopt status`: what it says, and what it would write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttsopt.cli.rows import applied_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ttsopt.checkout.state.journal_format import PendingFile
    from ttsopt.checkout.state.location import Checkout
    from ttsopt.checkout.state.own_copy import ForeignStateError
    from ttsopt.domain.journal import JournalFile


def foreign_data(checkout: Checkout, found: ForeignStateError) -> dict[str, Any]:
    """Its digest, patches, files with what rollback would make of them, and the files of an unfinished step."""
    here, record = checkout.from_directory, found.record
    return {
        "digest": found.digest,
        "message": found.message,
        "hint": found.hint,
        "patches": applied_rows(record.journal.patches, checkout),
        "files": [
            {
                "path": here(file.path),
                "original_sha256": file.original_sha256,
                "written_sha256": file.written_sha256,
                "mode": f"{file.mode:04o}",
            }
            for file in record.journal.files
        ],
        "pending": [
            {
                "path": here(file.path),
                "before_sha256": file.before_sha256,
                "after_sha256": file.after_sha256,
                "mode": f"{file.mode:04o}",
            }
            for file in record.pending
        ],
    }


def foreign_lines(checkout: Checkout, found: ForeignStateError) -> Iterator[str]:
    """The same for people."""
    here, record = checkout.from_directory, found.record
    yield f"{found.message}; nothing of what it says was done. It says that these were applied:"
    for patch in record.journal.patches:
        yield f"  {patch.id} at {here(patch.root)} version {patch.version}"
    if record.journal.files:
        yield "rollback by it would make of files that have what it says that was written there:"
    yield from (f"  {here(file.path)}: {_original(file)}" for file in record.journal.files)
    if record.pending:
        yield "every command that writes would first undo an unfinished step by it:"
    yield from (f"  {here(file.path)}: {_before(file)}" for file in record.pending)
    yield f"its digest: {found.digest}"
    yield found.hint


def _original(file: JournalFile) -> str:
    return _bytes(file.original_sha256, file.mode)


def _before(file: PendingFile) -> str:
    after = f"{file.after_sha256[:12]}..." if file.after_sha256 else "gone"
    return f"where it is {after}, {_bytes(file.before_sha256, file.mode)}"


def _bytes(name: str, mode: int) -> str:
    return f"the bytes of .ttsopt/originals/{name}, mode {mode:04o}" if name else "no file"
