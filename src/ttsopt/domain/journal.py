"""The journal of a checkout: the record that every rollback rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ttsopt.domain.patch import Scalar
    from ttsopt.domain.plan import Splice

OWN = "file/"  # what the id of a user's own patch file begins with


@dataclass(frozen=True, slots=True)
class JournalFile:
    """A patched file: the hash of its first bytes (in the store), of what ttsopt left there, and its mode bits.

    `path` is relative to the top of the checkout, with forward slashes. A hash is empty where there was, or is
    to be, no file. `folders` counts the folders above it that were made for it. `real` is where the path led when
    it was patched, the same where no folder above it was a link; None in journals that do not tell.
    """

    path: str
    original_sha256: str
    written_sha256: str
    mode: int
    folders: int = 0
    real: str | None = None


@dataclass(frozen=True, slots=True)
class JournalPatch:
    """A patch that is applied: its resolved edits, as splices of the original bytes, per file.

    `created` has the mode bits of files that it adds, by path; `deleted` the files that it takes away: both are
    in `splices` too. `requires` are patches that must stay as long as it does.
    """

    id: str
    version: int
    root: str
    applied_at: str
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    splices: Mapping[str, tuple[Splice, ...]] = field(default_factory=dict)
    created: Mapping[str, int] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Journal:
    """All that is applied in one checkout. Files are the union of what their patches need."""

    patches: tuple[JournalPatch, ...] = ()
    files: tuple[JournalFile, ...] = ()

    def file(self, path: str) -> JournalFile | None:
        """The record of a file, by its path from the top of the checkout."""
        return next((row for row in self.files if row.path == path), None)

    def owners(self, path: str) -> tuple[JournalPatch, ...]:
        """The patches that edit a file."""
        return tuple(row for row in self.patches if path in row.splices)
