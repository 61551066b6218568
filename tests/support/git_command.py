"""git as a test runs it: with a name to commit under, and none of the user's signing."""

from __future__ import annotations

import subprocess
from pathlib import Path

_AS = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    """What git says of a folder; fails where git does."""
    command = ["git", "-C", str(folder), *_AS, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip("\n")


def commit_all(folder: Path) -> None:
    """Make a folder a repository, with all that lies in it as the first commit."""
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first")):
        git(folder, *arguments)
