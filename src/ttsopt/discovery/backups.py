"""Names that people give to folders with a backup copy."""

from __future__ import annotations

import re

# A word of its own at the start or the end, a number or a date after it: `old-F5`, `Cosy_bak2`, `f5.orig`,
# `backup_2024-05-01`. `threshold` and `cold_start` are no such names.
_WORD = re.compile(r"(?:^|[-_. (])(?:backup|backups|bak|old|orig)[-_. \d)]*$")
_FIRST = re.compile(r"(?:backup|backups|bak|old|orig)\d*[-_. ]")
# "Backup" in English and Chinese, which need no word boundary.
_ANYWHERE = re.compile(r"^backup|backups?$|备份|備份")


def in_backup(path: str) -> bool:
    """Return True if a relative path (forward slashes) lies in a folder that is named as somebody's backup copy.

    `dist` and `build` are none: what lies there is often what runs. Neither is `copy` or `副本`: which of two
    copies is the one in use, their names do not say.
    """
    return any(map(is_backup, path.split("/")))


def is_backup(name: str) -> bool:
    """Return True if one folder's name says so."""
    lower = name.lower()
    return lower.endswith("~") or any(
        (_WORD.search(lower), _FIRST.match(lower), _ANYWHERE.search(lower))
    )
