"""A plan: every byte that would change, and what becomes of every patch, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ttsopt.domain.patch import Patch, Scalar


class Status(Enum):
    """What a plan answers for an edit, a file or a patch."""

    APPLIED = "applied"
    ALREADY = "already"
    ABSENT = "absent"
    REFUSED = "refused"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """Bytes `start` to `end` of an original file, what stood there, and what takes their place."""

    start: int
    end: int
    removed: bytes
    inserted: bytes


@dataclass(frozen=True, slots=True)
class EditAnswer:
    """What one edit found: its status, a line (1-based, 0 where none), and what to read where it was refused.

    An edit that only supports others (an import) does not `count` when the patch is judged.
    """

    status: Status
    what: str
    line: int = 0
    reason: str = ""
    nearest: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """What one patch does to one file. `path` is relative to the folder that was asked about."""

    path: str
    splices: tuple[Splice, ...] = ()
    answers: tuple[EditAnswer, ...] = ()
    before_sha256: str = ""
    after_sha256: str = ""


@dataclass(frozen=True, slots=True)
class PlannedPatch:
    """A patch at one root of the checkout, and what becomes of it.

    Where it takes no part, `why` is a stable word for scripts, `reason` the sentence to read; `file` and `line`
    say where, as far as there is a place.
    """

    patch: Patch
    root: str
    status: Status
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    files: tuple[PlannedFile, ...] = ()
    why: str = ""
    reason: str = ""
    hint: str = ""
    file: str = ""
    line: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file as it was before any patch, as it is now, and as it is to be."""

    path: str
    original: bytes
    current: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that `plan` shows, `apply` writes and `bench` measures."""

    patches: tuple[PlannedPatch, ...]
    changes: tuple[FileChange, ...]

    def having(self, status: Status) -> tuple[PlannedPatch, ...]:
        """The patches with that status, in the order of the catalogue."""
        return tuple(row for row in self.patches if row.status is status)
