"""A plan: every byte that would change, and what becomes of every patch, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ttsopt.domain.evidence_level import Evidence
    from ttsopt.domain.patch import Patch, Scalar


class Status(Enum):
    """Status in a plan of an edit, a file or a patch."""

    APPLIED = "applied"
    ALREADY = "already"
    ABSENT = "absent"
    REFUSED = "refused"
    SKIPPED = "skipped"


class Fate(Enum):
    """Fate of a file as a whole under a patch."""

    EDITED = "edited"
    CREATED = "created"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """Bytes `start` to `end` of an original file, what stood there, and what takes their place.

    Of insertions at one place, the one of lower `rank` comes first.
    """

    start: int
    end: int
    removed: bytes
    inserted: bytes
    rank: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class EditAnswer:
    """Answer of one edit: its status, a line (1-based, 0 where none), and what to read where it was refused.

    `looked_for` is the construct as the patch has it, `nearest` the one in the file that is most like it, and
    `difference` what tells them apart. An edit that only supports others (an import) does not `count` when the
    patch is judged; without an `essential` one that found its place, none of a patch's edits is made.
    """

    status: Status
    what: str
    line: int = 0
    reason: str = ""
    looked_for: str = ""
    nearest: str = ""
    difference: str = ""
    counts: bool = True
    essential: bool = False

    @property
    def explanation(self) -> tuple[str, ...]:
        """Lines for people: what was looked for, what is there instead, and how they differ."""
        said = (
            ("looked for", self.looked_for),
            ("nearest", self.nearest),
            ("differs", self.difference),
        )
        return tuple(f"{name:<11}{text}" for name, text in said if text)


@dataclass(frozen=True, slots=True)
class SeenElsewhere:
    """A construct that a patch did not find in its place: where it is, what sets it apart, what to do about it.

    `file` is relative to the folder that was asked about; `line` is 1-based.
    """

    file: str
    line: int
    text: str
    difference: str
    hint: str


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """Changes of one patch to one file. `path` is relative to the folder that was asked about.

    A created file is spliced into nothing and gets `mode`; a deleted one has no splices. A hash is empty where
    there is no such file. `proven` is git's id of a result that is known to be sound: a user's diff proves that
    its author had the same, or the catalogue has parsed a helper.
    """

    path: str
    splices: tuple[Splice, ...] = ()
    answers: tuple[EditAnswer, ...] = ()
    before_sha256: str = ""
    after_sha256: str = ""
    fate: Fate = Fate.EDITED
    mode: int = 0o644
    proven: str = ""

    @property
    def is_unchanged(self) -> bool:
        """True if the file keeps its bytes: nothing to do in it, or done already."""
        return self.before_sha256 == self.after_sha256


@dataclass(frozen=True, slots=True)
class PlannedPatch:
    """A patch at one root of the checkout, and what becomes of it.

    Where it takes no part, `why` is a stable word for scripts, `reason` the sentence to read; `file` and `line`
    say where, as far as there is a place, and `answer` is that of the edit that refused. `seen_elsewhere` is of
    patches that are absent. `evidence` is None where none was asked for, and of patches of the user's own.
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
    answer: EditAnswer | None = None
    notes: tuple[str, ...] = ()
    seen_elsewhere: tuple[SeenElsewhere, ...] = ()
    evidence: Evidence | None = None

    @property
    def reason_there(self) -> str:
        """The reason, behind the place that it is about, where there is one."""
        return f"{at_line(self.file, self.line)}: {self.reason}" if self.file else self.reason


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file as it was before any patch, as it is now, and as it is to be; None where there is no file.

    `mode` is for a file that is not there now; one that is keeps its own. `folders` counts the folders above it
    that are made with it, or go with it.
    """

    path: str
    original: bytes | None
    current: bytes | None
    after: bytes | None
    mode: int = 0o644
    folders: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that `plan` shows, `apply` writes and `bench` measures."""

    patches: tuple[PlannedPatch, ...]
    changes: tuple[FileChange, ...]

    def having(self, status: Status) -> tuple[PlannedPatch, ...]:
        """The patches with that status, in the order of the catalogue."""
        return tuple(row for row in self.patches if row.status is status)


def at_line(path: str, line: int) -> str:
    """A place as editors and terminals know it; line 0 is all of the file."""
    return f"{path}:{line}" if line else path
