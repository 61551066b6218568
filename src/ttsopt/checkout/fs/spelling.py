"""Names on file systems that take `Helper.py` and `helper.py` for the same file."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath


def spelled_on_disk(top: Path, path: str) -> str:
    """A path below `top`, in the upper and lower case that its parts have on the disk.

    It comes back as it is where there is no such file, or the file system tells the two apart. Two spellings
    of one file would be two rows of the journal, and writing by the other one would rename the file.
    """
    parts: list[str] = []
    for name in PurePosixPath(path).parts:
        parts.append(_spelled(top.joinpath(*parts), name))
    return PurePosixPath(*parts).as_posix()


def _spelled(folder: Path, name: str) -> str:
    # Inode numbers do not tell: FUSE gives each spelling its own.
    both = (folder / name, folder / name.swapcase())
    if not all(map(os.path.lexists, both)):
        return name
    names = os.listdir(folder)  # noqa: PTH208  `iterdir` would make paths of them
    alike = (one for one in names if one.casefold() == name.casefold())
    return name if name in names else next(alike, name)
