"""One walk over a tree: the files whose names are looked for, without entering what holds no source."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

SKIPPED = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".ttsopt",
        "__pycache__",
        "node_modules",
        ".tox",
        ".mypy_cache",
        ".ruff_cache",
        ".cache",
    }
)


def files_named(top: Path, names: Collection[str]) -> Iterator[str]:
    """Paths relative to `top`, with forward slashes, in a stable order.

    Symbolic links are not followed, virtual environments below `top` not entered, and folders that cannot be
    read are passed over: what is not seen is not claimed.
    """
    yield from _walk(top, "", names)


def _walk(folder: Path, prefix: str, names: Collection[str]) -> Iterator[str]:
    below: list[str] = []
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            below.append(entry.name)
        elif entry.name in names and entry.is_file(follow_symlinks=False):
            yield prefix + entry.name
        elif entry.name == "pyvenv.cfg" and prefix:
            return
    for name in below:
        if name not in SKIPPED:
            yield from _walk(folder / name, f"{prefix}{name}/", names)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except (PermissionError, FileNotFoundError):
        return []
