"""A unified diff as data: what it does to each file, hunk by hunk, in bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ttsopt.domain.blob_id import blob_id
from ttsopt.domain.plan import Fate


class DiffError(ValueError):
    """Not a diff that can be carried out whole; `line` (1-based) is that of the diff, 0 where there is none."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class HunkLine:
    """A line of a hunk: `kind` is ` `, `-` or `+`; `text` has its line end, unless the diff says it has none."""

    kind: bytes
    text: bytes


@dataclass(frozen=True, slots=True)
class Hunk:
    """One `@@` block: where it says that it stands (0-based, in the old and the new file), and its lines.

    `line` is that of its head in the diff.
    """

    line: int
    old_at: int
    new_at: int
    body: tuple[HunkLine, ...]

    @property
    def old(self) -> tuple[bytes, ...]:
        """The lines that must stand in the file, context included."""
        return tuple(row.text for row in self.body if row.kind != b"+")

    @property
    def new(self) -> tuple[bytes, ...]:
        """The lines that stand there afterwards, context included."""
        return tuple(row.text for row in self.body if row.kind != b"-")

    @property
    def ends_file(self) -> bool:
        """True if it can stand at the end of a file alone: nothing may follow a line that has no end."""
        return not all(side[-1].endswith(b"\n") for side in (self.old, self.new) if side)

    @property
    def leading(self) -> int:
        """Lines of context before the first change."""
        return next(n for n, row in enumerate(self.body) if row.kind != b" ")

    @property
    def trailing(self) -> int:
        """Lines of context after the last change."""
        return next(n for n, row in enumerate(reversed(self.body)) if row.kind != b" ")


@dataclass(frozen=True, slots=True)
class FileDiff:
    """Changes of a diff to one file.

    `source` and `target` are the paths before and after, with the first component taken off (`patch -p1`);
    `whole_source` and `whole_target` have it (`-p0`). They are equal for a file that is created or deleted.
    Where they differ, the file is renamed if git says so (`renames`); else they are two names for one file, as
    in `diff -u x.py.orig x.py`. `mode` is that of a created file, `line` the place in the diff; git's ids of the
    file before and after, in full or cut short, are empty where it gives none.
    """

    line: int
    source: str
    target: str
    whole_source: str
    whole_target: str
    fate: Fate
    hunks: tuple[Hunk, ...]
    mode: int = 0o644
    renames: bool = False
    old_id: str = ""
    new_id: str = ""

    def proven(self, before: bytes | None, after: bytes) -> str:
        """The id of `after`, where the diff was made from the one file and makes the other of it; else empty."""
        if not self.old_id or not blob_id(before).startswith(self.old_id):
            return ""
        made = blob_id(after)
        return made if made.startswith(self.new_id) else ""

    def without_prefix(self) -> FileDiff:
        """The same for paths that have no `a/` and `b/`: their first component is a folder of the checkout."""
        return replace(self, source=self.whole_source, target=self.whole_target)

    def named(self, path: str) -> FileDiff:
        """The same as a change of that one file."""
        return replace(self, source=path, target=path)
