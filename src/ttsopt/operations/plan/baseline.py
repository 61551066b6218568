"""Baseline that patches are resolved against: the bytes that a file had before ttsopt touched it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.checkout.fs.files import mode_bits, read_if_there, sha256
from ttsopt.checkout.fs.spelling import spelled_on_disk
from ttsopt.checkout.state.file_state import FileState
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.store import fetch
from ttsopt.discovery.imports import python_texts
from ttsopt.domain.journal import Journal, JournalFile
from ttsopt.domain.plan import FileChange
from ttsopt.errors import RefusedError
from ttsopt.operations.plan.composition import compose_file
from ttsopt.operations.plan.drift import FileDrift
from ttsopt.operations.plan.merging import Unmerged, force, merge

if TYPE_CHECKING:
    from ttsopt.domain.system import EntryPoint, FoundSystem

EDITED_HINT = "`ttsopt rollback` takes the patch out and keeps the edit; then apply again."


class Baseline:
    """Places, originals and current bytes of a checkout's files, each looked up once. Paths are from the top.

    `stands` says how the journal's files stand; the journal is that of what is really there (`without_gone`).
    `put_back` are created files that are missing, and count as left there: what is planned includes them.
    """

    def __init__(
        self, checkout: Checkout, journal: Journal, stands: Iterable[FileDrift] = ()
    ) -> None:
        self.checkout = checkout
        self._journal = journal
        stands = tuple(stands)
        self._states = {row.file.path: row.state for row in stands}
        unreachable = (row for row in stands if row.state is FileState.UNREACHABLE)
        self._unreachable = {row.file.path: row.doubt for row in unreachable}
        self.put_back = frozenset(row.file.path for row in stands if row.put_back)
        self._places: dict[str, Path] = {}
        self._originals: dict[str, bytes | None] = {}
        self._currents: dict[str, bytes | None] = {}
        self._texts: dict[Path, dict[str, bytes]] = {}
        self._entry_points: dict[str, tuple[EntryPoint, ...]] = {}

    def entry_points(self, found: FoundSystem) -> tuple[EntryPoint, ...]:
        """Return what a user runs of a system, and what that imports, as the tree is now."""
        from ttsopt.discovery.entry_points import entry_points  # no diff of one's own needs it

        place = f"{found.system.id} {found.root}"
        if place not in self._entry_points:
            self._entry_points[place] = entry_points(self.checkout.directory, found)
        return self._entry_points[place]

    def python_texts(self, folder: Path) -> dict[str, bytes]:
        """The Python files of a folder as they are now, by name, up to 1 MiB each."""
        if folder not in self._texts:
            self._texts[folder] = python_texts(folder)
        return self._texts[folder]

    def place(self, path: str) -> Path:
        """The real file.

        Raises:
            RefusedError: It lies outside the checkout, or where the patched one is cannot be told.
        """
        if path in self._unreachable:
            message = f"it is patched, and cannot be reached: {self._unreachable[path]}"
            raise RefusedError("unreachable", message, "`ttsopt status` says what to do about it.")
        if path not in self._places:
            self._places[path] = self.checkout.locate(path)
        return self._places[path]

    def current(self, path: str) -> bytes | None:
        """The file's bytes as they are; None where there is no such file.

        Raises:
            CannotRunError: It cannot be read.
            RefusedError: As `place`.
        """
        if path not in self._currents:
            self._refuse_other_case(path)
            self._currents[path] = read_if_there(self.place(path))
        return self._currents[path]

    def original(self, path: str) -> bytes | None:
        """The file's bytes before any patch; None where there was no such file.

        Raises:
            CannotRunError, RefusedError: As `current`, or the original is lost.
        """
        if path not in self._originals:
            known = self._journal.file(path)
            self._originals[path] = (
                fetch(self.checkout, known.original_sha256) if known else self.current(path)
            )
        return self._originals[path]

    def refuse_edited(self, path: str) -> None:
        """See that a file can be built on.

        Raises:
            RefusedError: It is patched and was edited since.
        """
        if self._journal.file(path) and self._states.get(path) is FileState.EDITED:
            message = "it was edited after ttsopt patched it"
            raise RefusedError("changed-since", message, EDITED_HINT)

    def change(self, path: str, after: bytes | None, mode: int = 0o644) -> FileChange | Unmerged:
        """The step from a file as it is to what patches make of it; `mode` is for one that is not there.

        What somebody else changed in it since stays in it.

        Raises:
            CannotRunError, RefusedError: As above.
        """
        merged = self._merged(path, after)
        return merged if isinstance(merged, Unmerged) else self._change(path, merged, mode)

    def forced(self, path: str, after: bytes | None) -> FileChange:
        """The same where somebody changed what is in the way: that goes.

        Raises:
            CannotRunError, RefusedError: As above.
        """
        current = self.current(path) or b""
        merged = force(path, base=self._written(path), current=current, target=after)
        return self._change(path, merged)

    def _change(self, path: str, after: bytes | None, mode: int = 0o644) -> FileChange:
        known = self._journal.file(path)
        return FileChange(
            self.checkout.from_directory(path),
            self.original(path),
            self.current(path),
            after,
            self.mode(path, mode),
            known.folders if known else self._folders_to_go(path),
        )

    def mode(self, path: str, otherwise: int = 0o644) -> int:
        """The mode bits that a patched file had at first."""
        known = self._journal.file(path)
        return known.mode if known else otherwise

    def was_changed(self, path: str) -> bool:
        """Return True if a patched file has other bytes than ttsopt left there."""
        if path in self.put_back:
            return False
        known = self._journal.file(path)
        return known is not None and sha256(self.current(path)) != known.written_sha256

    def is_recorded(self, path: str) -> bool:
        """Return True if the journal has the file, so that its original is another than what is there."""
        return self._journal.file(path) is not None

    def describe(self, change: FileChange, written: bytes | None) -> JournalFile:
        """The journal's record of a file once a change is written, which stands for `written`."""
        path = self.checkout.from_top(change.path)
        mode = mode_bits(self.place(path), change.mode)
        hashes = sha256(change.original), sha256(written)
        real = self.place(path).relative_to(self.checkout.top).as_posix()
        return JournalFile(path, *hashes, mode, change.folders, real)

    def _refuse_other_case(self, path: str) -> None:
        """Where `helper.py` is `Helper.py`, a write would rename it, and the journal know it by two names."""
        spelled = path if self._journal.file(path) else spelled_on_disk(self.checkout.top, path)
        if spelled != path:
            message = f"{path} is {spelled} on the disk"
            raise RefusedError("other-case", message, "Name it as it is there.")

    def _merged(self, path: str, after: bytes | None) -> bytes | Unmerged | None:
        if not self.was_changed(path):
            return after
        base, current = self._written(path), self.current(path)
        return merge(path, base=base, current=current, target=after)

    def _written(self, path: str) -> bytes | None:
        return compose_file(path, self.original(path), self._journal.owners(path))

    def _folders_to_go(self, path: str) -> int:
        """How many folders above a file that is not there are to go with it: missing ones, and ttsopt's own."""
        real = self.place(path)
        reached = (row for row in self._journal.files if row.path not in self._unreachable)
        made = (row for row in reached if row.folders)
        ours = {folder for row in made for folder in self.place(row.path).parents[: row.folders]}
        goes = takewhile(lambda folder: folder in ours or not folder.exists(), real.parents)
        return 0 if real.exists() else sum(1 for _ in goes)
