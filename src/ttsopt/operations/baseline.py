"""What patches are resolved against: the bytes that a file had before ttsopt touched it."""

from __future__ import annotations

from ttsopt.checkout.drift import FileState, file_state
from ttsopt.checkout.files import read_file
from ttsopt.checkout.location import Checkout
from ttsopt.checkout.store import fetch
from ttsopt.checkout.transaction import describe_file
from ttsopt.domain.journal import Journal, JournalFile
from ttsopt.domain.plan import FileChange
from ttsopt.errors import RefusedError


class Baseline:
    """Originals and current bytes of a checkout's files, each read once. Paths are from the top."""

    def __init__(self, checkout: Checkout, journal: Journal) -> None:
        self.checkout = checkout
        self._journal = journal
        self._originals: dict[str, bytes] = {}
        self._currents: dict[str, bytes] = {}

    def current(self, path: str) -> bytes:
        """The file's bytes as they are.

        Raises:
            CannotRunError: It cannot be read.
            RefusedError: It lies outside the checkout.
        """
        if path not in self._currents:
            self._currents[path] = read_file(self.checkout.locate(path))
        return self._currents[path]

    def original(self, path: str) -> bytes:
        """The file's bytes before any patch.

        Raises:
            CannotRunError: It cannot be read.
            RefusedError: It is patched and was changed since, so that nothing can be built on it.
        """
        if path not in self._originals:
            self._originals[path] = self._find_original(path)
        return self._originals[path]

    def describe(self, change: FileChange) -> JournalFile:
        """The journal's record of a file once a change is written."""
        return describe_file(
            self.checkout, self.checkout.from_top(change.path), change.original, change.after
        )

    def _find_original(self, path: str) -> bytes:
        known = self._journal.file(path)
        if known is None:
            return self.current(path)
        state = file_state(self.checkout, known)
        if state is not FileState.APPLIED:
            message = f"it is {state.value}: somebody changed it after ttsopt patched it"
            raise RefusedError("changed-since", message, way_back(self.checkout, known, state))
        return fetch(self.checkout, known.original_sha256)


def way_back(checkout: Checkout, file: JournalFile, state: FileState) -> str:
    """What to do about a patched file that is not as ttsopt left it."""
    if state is FileState.EDITED:
        original = checkout.state / "originals" / file.original_sha256
        return (
            f"Save your edit elsewhere, put {original} in the file's place, then `ttsopt rollback`."
        )
    return "`ttsopt rollback` forgets the patches that are gone; then apply again."
