"""What patches are resolved against: the bytes that a file had before ttsopt touched it."""

from __future__ import annotations

from itertools import takewhile

from ttsopt.checkout.drift import FileState, file_state
from ttsopt.checkout.files import read_if_there
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
        self._originals: dict[str, bytes | None] = {}
        self._currents: dict[str, bytes | None] = {}

    def current(self, path: str) -> bytes | None:
        """The file's bytes as they are; None where there is no such file.

        Raises:
            CannotRunError: It cannot be read.
            RefusedError: It lies outside the checkout.
        """
        if path not in self._currents:
            self._currents[path] = read_if_there(self.checkout.locate(path))
        return self._currents[path]

    def original(self, path: str) -> bytes | None:
        """The file's bytes before any patch; None where there was no such file.

        Raises:
            CannotRunError: It cannot be read.
            RefusedError: It is patched and was changed since, so that nothing can be built on it.
        """
        if path not in self._originals:
            self._originals[path] = self._find_original(path)
        return self._originals[path]

    def change(self, path: str, after: bytes | None, mode: int = 0o644) -> FileChange:
        """The step from a file as it is to what it is to be; `mode` is for one that is not there.

        Raises:
            CannotRunError, RefusedError: As above.
        """
        known = self._journal.file(path)
        made = known.folders if known else self._folders_to_go(path)
        return FileChange(
            self.checkout.from_directory(path),
            self.original(path),
            self.current(path),
            after,
            known.mode if known else mode,
            made,
        )

    def describe(self, change: FileChange) -> JournalFile:
        """The journal's record of a file once a change is written."""
        return describe_file(self.checkout, self.checkout.from_top(change.path), change)

    def _folders_to_go(self, path: str) -> int:
        """How many folders above a file that is not there are to go with it: missing ones, and ttsopt's own."""
        real = self.checkout.locate(path)
        made = (row for row in self._journal.files if row.folders)
        ours = {
            folder
            for row in made
            for folder in self.checkout.locate(row.path).parents[: row.folders]
        }
        goes = takewhile(lambda folder: folder in ours or not folder.exists(), real.parents)
        return 0 if real.exists() else sum(1 for _ in goes)

    def _find_original(self, path: str) -> bytes | None:
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
    if state is FileState.EDITED and not file.original_sha256:
        return f"ttsopt laid {file.path} out: save your edit elsewhere, delete the file, then `ttsopt rollback`."
    if state is FileState.EDITED:
        original = checkout.state / "originals" / file.original_sha256
        return (
            f"Save your edit elsewhere, put {original} in the file's place, then `ttsopt rollback`."
        )
    return "`ttsopt rollback` forgets the patches that are gone; then apply again."
