"""Attributes of a file beside its bytes, carried over to the one that takes its place."""

from __future__ import annotations

import errno
import os
import stat
import sys

# Not ours to give, unknown where the file lies, or of a user that this container does not know.
_NOT_ALLOWED = {errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOTSUP, errno.ENODATA, errno.ENOSYS}
# Signatures of the old bytes (Linux integrity subsystem): with them, the new file could not be opened.
_OF_THE_BYTES = {"security.ima", "security.evm"}


def keep_attributes(old: int, new: int) -> int:
    """Give an open file the owner, the group and the extended attributes of another, as far as allowed.

    Lists of access rights (POSIX ACLs) are among the attributes. Gives the mode bits that the new file is to
    have: those of the old one, but setuid and setgid only where owner and group are the same.

    Raises:
        OSError: They could not be read or written, for a reason other than that it is not allowed.
    """
    mode = stat.S_IMODE(os.fstat(old).st_mode)
    if sys.platform == "win32":
        return mode
    kept = _keep_owner(os.fstat(old), new)
    # Changing the owner drops some of them, so they come after it.
    if sys.platform == "linux":
        _keep_extended(old, new)
    return mode if kept else mode & ~(stat.S_ISUID | stat.S_ISGID)


def _keep_owner(old: os.stat_result, new: int) -> bool:
    wanted = (old.st_uid, old.st_gid)
    for owner in (old.st_uid, -1):  # -1: the group alone, which anybody in it may give
        now = os.fstat(new)
        if (now.st_uid, now.st_gid) == wanted:
            return True
        try:
            os.fchown(new, owner, old.st_gid)
        except OSError as error:
            _check_refused(error)
    return (os.fstat(new).st_uid, os.fstat(new).st_gid) == wanted


def _keep_extended(old: int, new: int) -> None:
    try:
        wanted, present = set(os.listxattr(old)), set(os.listxattr(new))
    except OSError as error:
        _check_refused(error)
        return
    for name in wanted - _OF_THE_BYTES:
        try:
            os.setxattr(new, name, os.getxattr(old, name))
        except OSError as error:
            _check_refused(error)
    # A new file takes the default list of its folder, which may let in more people than the old file did.
    for name in present - wanted:
        try:
            os.removexattr(new, name)
        except OSError as error:
            _check_refused(error)


def _check_refused(error: OSError) -> None:
    """Let pass that it is not allowed: the file is ours then, which is no reason to leave it unpatched."""
    if error.errno not in _NOT_ALLOWED:
        raise error
