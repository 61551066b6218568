"""Exclusive lock on an open file or folder, which the operating system takes away when its process ends."""

from __future__ import annotations

import errno
import sys

# As EACCES answer some file systems.
_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK}


def try_lock(handle: int) -> bool:
    """Lock what a descriptor opened; False where somebody else has it. Nobody is waited for.

    Python's own flock where there is one: importing filelock takes a tenth of an apply. Windows needs more than a
    call, and has filelock's.

    Raises:
        OSError: It cannot be locked at all.
    """
    if sys.platform == "win32":
        from filelock import lock_descriptor

        return lock_descriptor(handle, blocking=False)
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise
    return True


def unlock(handle: int) -> None:
    """Give a lock of `try_lock` up; the descriptor stays open."""
    if sys.platform == "win32":
        from filelock import unlock_descriptor

        unlock_descriptor(handle)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_UN)
