"""What was done to a checkout: the record that every rollback rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ttsopt.domain.patch import Scalar
    from ttsopt.domain.plan import Splice


@dataclass(frozen=True, slots=True)
class JournalFile:
    """A patched file: the hash of its first bytes (in the store), of what ttsopt left there, and its mode bits.

    `path` is relative to the top of the checkout, with forward slashes.
    """

    path: str
    original_sha256: str
    written_sha256: str
    mode: int


@dataclass(frozen=True, slots=True)
class JournalPatch:
    """A patch that is applied: its resolved edits, as splices of the original bytes, per file."""

    id: str
    version: int
    root: str
    applied_at: str
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    splices: Mapping[str, tuple[Splice, ...]] = field(default_factory=dict)


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
