"""Owners that are as good as the user. Windows names none, and is not asked."""

from __future__ import annotations

import os
import sys


def is_own(status: os.stat_result) -> bool:
    """True if it belongs to the user who runs this, to root, or, under sudo, to the user who called that."""
    if sys.platform == "win32":
        return True
    me = os.geteuid()
    caller = os.environ.get("SUDO_UID", "") if me == 0 else ""
    return status.st_uid in {0, me} or str(status.st_uid) == caller
