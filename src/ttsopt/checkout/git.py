"""Content that a checkout's own repository has."""

from __future__ import annotations

from pathlib import Path

from ttsopt.boundary.git import run_git
from ttsopt.domain.blob_id import blob_id


def has_blob(folder: Path, data: bytes) -> bool:
    """Whether the repository around a folder has bytes among its objects: they can be had from it again."""
    try:
        return run_git(folder, "cat-file", "-e", blob_id(data)).returncode == 0
    except OSError:
        return False  # no git here, or no answer
