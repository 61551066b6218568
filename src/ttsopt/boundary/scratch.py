"""Scratch folders: gone at the end of a run, and at the start of the next one where that end never came."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = re.compile(r"ttsopt-scratch-[a-z]+-[a-z0-9_]{8}")
_LOCK = ".in-use"
# Between the making of a folder and that of its lock there is a moment in which nothing tells that somebody lives.
_UNLOCKED_SECONDS = 3600.0


@contextmanager
def scratch_folder(purpose: str) -> Iterator[Path]:
    """Make an empty folder of this run alone, and remove it at the end; first those of runs that were killed.

    `purpose` is a word in its name. It holds one file, `.in-use`, locked as long as this process lives.
    """
    from filelock import FileLock

    remove_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=f"ttsopt-scratch-{purpose}-")).resolve()
    lock = FileLock(folder / _LOCK)
    lock.acquire()
    try:
        yield folder
    finally:
        _empty(folder)  # while it is locked: else another run may be at it too
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(temporary: Path) -> None:
    """Remove the scratch folders of this user that no process holds; what cannot be removed stays."""
    with suppress(OSError), os.scandir(temporary) as listing:
        folders = [Path(row.path) for row in listing if _NAME.fullmatch(row.name)]
        for folder in filter(_is_abandoned, folders):
            _empty(folder)
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    from filelock import FileLock, Timeout

    try:
        state = folder.lstat()
        if not stat.S_ISDIR(state.st_mode) or not _is_own(state) or not _is_plain(folder / _LOCK):
            return False
        if not (folder / _LOCK).exists():
            return time.time() - state.st_mtime > _UNLOCKED_SECONDS
        with FileLock(folder / _LOCK, timeout=0):
            return True
    except (OSError, Timeout, NotImplementedError):
        return False  # somebody's, or on a file system without locks: nothing is known


def _is_plain(lock: Path) -> bool:
    """True if the lock is a file or not there: what a view holds may be called anything."""
    with suppress(FileNotFoundError):
        return stat.S_ISREG(lock.lstat().st_mode)
    return True


def _is_own(state: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or state.st_uid == os.getuid()


def _empty(folder: Path) -> None:
    """Remove all but the lock, so that a removal which is broken off is taken up later. Links are not followed."""
    with suppress(OSError), os.scandir(folder) as listing:
        for entry in [row for row in listing if row.name != _LOCK]:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink(missing_ok=True)
