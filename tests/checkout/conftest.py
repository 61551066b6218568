"""A tree of two files, and the steps between the states that two patches can leave it in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pytest

from ttsopt.checkout.files import sha256
from ttsopt.checkout.location import Checkout, open_checkout
from ttsopt.domain.journal import Journal, JournalFile, JournalPatch
from ttsopt.domain.plan import FileChange, Splice

ORIGINALS = {"a.py": b"a = 1\n", "sub/b.py": "b = 1  # 语\r\n".encode()}
Patches = Collection[str]


@dataclass(frozen=True)
class Tree:
    """`state` and `step` speak of the tree with those patches (`one`, `two`) applied."""

    checkout: Checkout

    def state(self, patches: Patches) -> dict[str, bytes]:
        added = b"".join(f"# {patch}\n".encode() for patch in sorted(patches))
        return {path: data + added for path, data in ORIGINALS.items()}

    def journal(self, patches: Patches) -> Journal:
        if not patches:
            return Journal()
        rows = tuple(self._patch(patch) for patch in sorted(patches))
        after = self.state(patches)
        files = tuple(
            JournalFile(path, sha256(data), sha256(after[path]), 0o644)
            for path, data in ORIGINALS.items()
        )
        return Journal(rows, files)

    def step(self, before: Patches, after: Patches) -> tuple[FileChange, ...]:
        now, then = self.state(before), self.state(after)
        return tuple(FileChange(path, ORIGINALS[path], now[path], then[path]) for path in ORIGINALS)

    def files(self) -> dict[str, bytes]:
        """All files outside `.ttsopt`, leftovers too."""
        top = self.checkout.top
        return {
            path.relative_to(top).as_posix(): path.read_bytes()
            for path in sorted(top.rglob("*"))
            if path.is_file() and ".ttsopt" not in path.relative_to(top).parts
        }

    def _patch(self, patch: str) -> JournalPatch:
        ends = {
            path: (Splice(len(data), len(data), b"", f"# {patch}\n".encode()),)
            for path, data in ORIGINALS.items()
        }
        return JournalPatch(patch, 1, ".", "2026-01-01T00:00:00+00:00", {"n": 7}, ends)


@pytest.fixture
def make_tree(tmp_path: Path) -> Callable[[], Tree]:
    """A fresh tree at every call."""
    made: list[Path] = []

    def make() -> Tree:
        top = tmp_path / f"tree{len(made)}"
        made.append(top)
        for path, data in ORIGINALS.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(data)
        return Tree(open_checkout(top))

    return make


@pytest.fixture
def tree(make_tree: Callable[[], Tree]) -> Tree:
    return make_tree()
