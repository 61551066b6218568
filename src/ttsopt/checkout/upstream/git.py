"""Content that a checkout's own repository has."""

from __future__ import annotations

from pathlib import Path

from ttsopt.boundary.git import run_git
from ttsopt.domain.blob_id import blob_id


def has_in_history(folder: Path, path: str, data: bytes) -> bool:
    """True if a commit that a branch, a tag, the stash or HEAD leads to has bytes at a path below a folder.

    A blob that nothing leads to, which `git add` or a reset left, is not enough: `git gc` deletes it.
    """
    # Plumbing: `git log` would start what the checkout's configuration names to look at signatures.
    history = ("rev-list", "--objects", "--all", "--full-history", "--", f":(literal){path}")
    wanted = blob_id(data).encode("ascii")
    try:
        done = run_git(folder, *history)
    except OSError:
        return False  # no git here, or no answer
    return done.returncode == 0 and any(
        line.split(b" ", 1)[0] == wanted for line in done.stdout.splitlines()
    )
