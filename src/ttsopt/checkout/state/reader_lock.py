"""A turn beside somebody who holds a shared lock on the checkout's folder, and the name of whoever is in the way.

ttsopt itself takes the folder's exclusive lock. Where a reader's shared one forbids that, it takes a shared one as
well, which keeps the exclusive ones of other ttsopts out, and the exclusive lock of a file beside, which keeps out
those that came to the same pass.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from ttsopt.checkout.fs.folder import NEW, Folder, open_folder
from ttsopt.checkout.state.os_lock import try_lock
from ttsopt.errors import RefusedError

FILE = ".ttsopt.lock"
TRIES = 3
# /proc/locks has some 60 bytes for each lock.
_MOST = 1 << 20


def take_beside_readers(handle: int, top: Path) -> int | None:
    """Lock a folder, open as `handle`, together with those who only read; None where that cannot be done.

    Gives the descriptor of the file that is locked as well, for `leave_readers`.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return None  # somebody writes, or it was a reader of another kind
    try:
        with open_folder(top) as folder:
            own = _lock_file(folder)
    except (OSError, RefusedError):
        own = None  # the folder may not be written, or what has the name is no plain file
    if own is None:
        fcntl.flock(handle, fcntl.LOCK_UN)
    return own


def leave_readers(top: Path) -> None:
    """Delete the file while it is still locked: who opens it before that finds out that it has lost its name."""
    try:
        with open_folder(top) as folder:
            if folder.status(FILE) is not None:
                folder.unlink(FILE)
    except (OSError, RefusedError):
        return  # it is in nobody's way


def holder_of(handle: int) -> str:
    """The process that has a lock of an open file, as `1234 (name)`; empty where that cannot be told, or is us.

    Source: proc_locks(5).
    """
    status = os.fstat(handle)
    device = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}" if _HAS_DEVICES else ""
    place = f"{device}:{status.st_ino}"
    for line in _start_of(Path("/proc/locks")).splitlines():
        match line.split():
            case [_, "FLOCK", _, _, process, found, *_] if found == place:
                return _named(process)
    return ""


_HAS_DEVICES = hasattr(os, "major")


def _lock_file(folder: Folder) -> int | None:
    for _ in range(TRIES):
        handle = _open(folder)
        try:
            is_ours = _is_locked(folder, handle)
        except BaseException:
            os.close(handle)
            raise
        if is_ours:
            return handle
        os.close(handle)
        if is_ours is None:
            return None
    return None


def _open(folder: Folder) -> int:
    try:
        handle = folder.open(FILE, NEW)
    except FileExistsError:
        return folder.open(FILE, NEW & ~(os.O_CREAT | os.O_EXCL))
    folder.hand_over(handle)
    return handle


def _is_locked(folder: Folder, handle: int) -> bool | None:
    """Return True if it is ours by now; None where it is somebody else's, False where it was deleted meanwhile."""
    opened = os.fstat(handle)
    if not stat.S_ISREG(opened.st_mode) or not try_lock(handle):
        return None
    there = folder.status(FILE)
    return there is not None and os.path.samestat(there, opened)


def _named(process: str) -> str:
    if not process.isdecimal() or int(process) in {0, os.getpid()}:
        return ""  # of another container, or a second lock of this process
    name = _start_of(Path("/proc") / process / "comm").strip()
    return f"{process} ({name})" if name.isprintable() and name else process


def _start_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST).decode("utf-8", "replace")
    except OSError:
        return ""
