"""Who may have written what lies in the user's state folder. Windows says no such thing, and is not asked."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from shlex import quote

from ttsopt.checkout.state.owner import is_own
from ttsopt.checkout.state.state_files import FOR_OTHERS
from ttsopt.checkout.state.state_home import VARIABLE, folder_of, state_home
from ttsopt.errors import RefusedError

BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def own_home() -> Path:
    """The user's state folder, which need not exist.

    Raises:
        RefusedError: Somebody else can have written into it.
        UsageError: As `state_home`.
    """
    home = state_home()
    _check((home,))
    return home


def own_folder_of(top: Path) -> Path:
    """Return what the user's state folder has of one checkout, which need not exist.

    Raises:
        RefusedError, UsageError: As `own_home`.
    """
    folder = folder_of(top)
    _check((state_home(), folder.parent, folder))
    return folder


def _check(folders: tuple[Path, ...]) -> None:
    """Refuse folders (from the highest down) that others may write in, unless one above is closed to them."""
    closed = sys.platform == "win32"
    for folder in folders:
        status = _status(folder)
        if status is None or not stat.S_ISDIR(status.st_mode):
            return  # there is nothing in it; whoever writes there hears why that fails
        if not is_own(status):
            message = (
                f"{folder}, where your ttsopt keeps its state, belongs to user {status.st_uid}"
            )
            hint = f"Run ttsopt as that user, or set {VARIABLE} to a folder of your own."
            raise RefusedError("unsafe-state-home", message, hint)
        if not closed and status.st_mode & BY_OTHERS:
            message = f"others may write in {folder}, where your ttsopt keeps its state"
            # All at once: under umask 002, an older ttsopt made every folder in it like that.
            closing = f"chmod -R go-w {quote(str(folders[0]))}"
            hint = f"If nobody did: `{closing}`. Or set {VARIABLE} to a folder of your own."
            raise RefusedError("unsafe-state-home", message, hint)
        closed = closed or not status.st_mode & FOR_OTHERS


def _status(folder: Path) -> os.stat_result | None:
    try:
        return folder.lstat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
