"""Two renames that Python lacks: two names change places, and a new name that replaces nothing.

Sources: rename(2) of Linux for `renameat2`; renameatx_np in rename(2) of macOS.
"""

from __future__ import annotations

import errno
import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from ttsopt.checkout.fs.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Callable

# By platform: the function of the C library, and its flags for an exchange and for "replace nothing".
_FUNCTIONS = {"linux": "renameat2", "darwin": "renameatx_np"}
_EXCHANGE = {"linux": 2, "darwin": 2}
_NEW = {"linux": 1, "darwin": 4}
# A file system or a kernel without them; sandboxes answer EPERM to calls that they do not know.
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}


def exchange(folder: Folder, name: str, other: str) -> bool:
    """Have two files of a folder change places in one step; False where that cannot be done here.

    Raises:
        OSError: One of them is not there, or the call failed.
    """
    return _rename(folder, name, other, _EXCHANGE)


def rename_new(folder: Folder, name: str, new: str) -> bool:
    """Rename a file where nothing has the new name; False where something has it.

    Without such a call a hard link does the same. Where there are none either, the name is looked at right
    before the rename, and what appears in between is replaced.

    Raises:
        OSError: It could not be renamed.
    """
    try:
        if _rename(folder, name, new, _NEW):
            return True
        if os.name == "nt":
            (folder.path / name).rename(folder.path / new)  # it replaces nothing there
            return True
        return _link_new(folder, name, new)
    except FileExistsError:
        return False


def rename_with(handle: int, name: str, new: str, flags: int) -> None:
    """Call the C library; the names are of one open folder.

    Raises:
        OSError: It failed, with ENOSYS where there is no such function.
    """
    function = _function()
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), name)
    if function(handle, os.fsencode(name), handle, os.fsencode(new), flags) == 0:
        return
    import ctypes

    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number), name)


@cache
def _function() -> Callable[..., int] | None:
    import ctypes

    known = _FUNCTIONS.get(sys.platform)
    function: Any = getattr(ctypes.CDLL(None, use_errno=True), known, None) if known else None
    if function is not None:
        text, number = ctypes.c_char_p, ctypes.c_int
        function.argtypes = [number, text, number, text, ctypes.c_uint]
        function.restype = number
    return function  # type: ignore[no-any-return]


def _rename(folder: Folder, name: str, new: str, flags: dict[str, int]) -> bool:
    if folder.handle is None or sys.platform not in flags:
        return False
    try:
        rename_with(folder.handle, name, new, flags[sys.platform])
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return False
        raise
    return True


def _link_new(folder: Folder, name: str, new: str) -> bool:
    try:
        folder.link(name, new)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # no hard links here
        if folder.status(new) is not None:
            return False
        folder.rename(name, new)
        return True
    folder.unlink(name)
    return True
