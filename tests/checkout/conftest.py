"""A tree of two files, and the steps between the states that two patches can leave it in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pytest

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.location import Checkout, open_checkout
from ttsopt.domain.journal import Journal, JournalFile, JournalPatch
from ttsopt.domain.plan import FileChange, Splice

ORIGINALS = {"a.py": b"a = 1\n", "sub/b.py": "b = 1  # 语\r\n".encode()}
# The second patch takes one file away and lays another into folders of its own.
GONE = {"old/c.bin": b"\x00c"}
ADDED = {"new/deep/helper.py": b"h = 1\n"}
Patches = Collection[str]


@dataclass(frozen=True)
class Tree:
    """`state` and `step` speak of the tree with those patches (`one`, `two`) applied."""

    checkout: Checkout

    def state(self, patches: Patches) -> dict[str, bytes]:
        added = b"".join(f"# {patch}\n".encode() for patch in sorted(patches))
        edited = {path: data + added for path, data in ORIGINALS.items()}
        return edited | (ADDED if "2" in patches else GONE)

    def journal(self, patches: Patches) -> Journal:
        rows = tuple(self._patch(patch) for patch in sorted(patches))
        files = tuple(
            JournalFile(
                change.path, sha256(change.original), sha256(change.after), 0o644, change.folders
            )
            for change in self._changes("", patches)
            if any(change.path in row.splices for row in rows)
        )
        return Journal(rows, files)

    def step(self, before: Patches, after: Patches) -> tuple[FileChange, ...]:
        return tuple(row for row in self._changes(before, after) if row.current != row.after)

    def _changes(self, before: Patches, after: Patches) -> tuple[FileChange, ...]:
        first, now, then = self.state(""), self.state(before), self.state(after)
        return tuple(
            FileChange(
                path, first.get(path), now.get(path), then.get(path), folders=2 * (path in ADDED)
            )
            for path in [*ORIGINALS, *GONE, *ADDED]
        )

    def files(self) -> dict[str, bytes]:
        """All files outside `.ttsopt`, leftovers too."""
        top = self.checkout.top
        return {
            path.relative_to(top).as_posix(): path.read_bytes()
            for path in sorted(top.rglob("*"))
            if path.is_file() and ".ttsopt" not in path.relative_to(top).parts
        }

    def _patch(self, patch: str) -> JournalPatch:
        splices: dict[str, tuple[Splice, ...]] = {
            path: (Splice(len(data), len(data), b"", f"# {patch}\n".encode()),)
            for path, data in ORIGINALS.items()
        }
        created: dict[str, int] = {}
        deleted: tuple[str, ...] = ()
        if patch == "2":
            splices |= {path: (Splice(0, 0, b"", data),) for path, data in ADDED.items()}
            splices |= dict.fromkeys(GONE, ())
            created, deleted = dict.fromkeys(ADDED, 0o644), tuple(GONE)
        when = "2026-01-01T00:00:00+00:00"
        return JournalPatch(patch, 1, ".", when, {"n": 7}, splices, created, deleted)


@pytest.fixture
def make_tree(tmp_path: Path) -> Callable[[], Tree]:
    """A fresh tree at every call."""
    made: list[Path] = []

    def make() -> Tree:
        top = tmp_path / f"tree{len(made)}"
        made.append(top)
        for path, data in {**ORIGINALS, **GONE}.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(data)
        return Tree(open_checkout(top))

    return make


@pytest.fixture
def tree(make_tree: Callable[[], Tree]) -> Tree:
    return make_tree()
