"""A checkout in git, and diffs of changes to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from own_diffs import DiffOf, git


@pytest.fixture
def checkout(sample: Path) -> Path:
    """The sample checkout in git, with a CRLF file and a script that may be executed."""
    (sample / "notes.txt").write_bytes(b"one\r\ntwo\r\nthree\r\n")
    (sample / "tools/make_voice.py").chmod(0o755)
    git(sample, "init", "-q")
    git(sample, "add", "-A")
    git(sample, "commit", "-qm", "as shipped")
    return sample


@pytest.fixture
def diff_of(checkout: Path, tmp_path: Path) -> DiffOf:
    """The diff of a change, as git writes it; the checkout is left as it was."""

    def make(change: Callable[[Path], None], name: str = "own") -> Path:
        change(checkout)
        git(checkout, "add", "-A")
        file = tmp_path / f"{name}.patch"
        file.write_bytes(git(checkout, "diff", "--cached", "-M"))
        git(checkout, "reset", "-q", "--hard")
        return file

    return make
