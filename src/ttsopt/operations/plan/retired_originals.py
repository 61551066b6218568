"""Originals that a journal lets go of without their being put back: kept, where nothing else has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.file_state import bytes_there
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.replaced import keep_replaced
from ttsopt.checkout.state.store import fetch
from ttsopt.checkout.upstream.pristine import has_in_history
from ttsopt.domain.journal import Journal
from ttsopt.domain.plan import FileChange
from ttsopt.errors import RefusedError

Kept = tuple[tuple[str, Path], ...]


def keep_retired(
    checkout: Checkout, before: Journal, after: Journal, changes: Iterable[FileChange]
) -> Kept:
    """The files (by path from the top) whose originals go into the user's state folder, and where they are there.

    A file may have been deleted by mistake, or with work in it that git never saw; a patch may lie in a stash.

    Raises:
        CannotRunError: One could not be kept; then it may not be let go of either.
    """
    return tuple(
        (path, keep_replaced(checkout, path, original))
        for path, original in _retired(checkout, before, after, changes)
        if not has_in_history(checkout.top, path, original)
    )


def _retired(
    checkout: Checkout, before: Journal, after: Journal, changes: Iterable[FileChange]
) -> Iterator[tuple[str, bytes]]:
    written = {checkout.from_top(change.path): change.after for change in changes}
    stored = {row.original_sha256 for row in after.files}
    for row in before.files:
        there = written[row.path] if row.path in written else bytes_there(checkout, row.path)
        if not row.original_sha256 or row.original_sha256 in {*stored, sha256(there)}:
            continue
        try:
            original = fetch(checkout, row.original_sha256)
        except RefusedError:
            continue  # it is lost already: there is nothing to keep, and the file does without it
        if original:
            yield row.path, original
