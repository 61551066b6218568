"""All that lies in a folder, kept to be compared with what lies there later."""

from __future__ import annotations

import os
import stat
from pathlib import Path

Row = tuple[str, int, int, int, str]


def photograph(folder: Path, left_out: Path | None = None) -> dict[str, Row]:
    """Kind, mode, size, time of change and content or target of all that lies in a folder."""
    rows = {}
    for top, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if Path(top, name) != left_out]
        for name in folders + files:
            path = Path(top, name)
            status = path.lstat()
            content = str(path.readlink()) if path.is_symlink() else ""
            if stat.S_ISREG(status.st_mode) and status.st_size < 1_000_000:
                content = path.read_bytes().hex()
            still = 0 if stat.S_ISDIR(status.st_mode) else status.st_mtime_ns
            size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
            kind = stat.filemode(status.st_mode)
            rows[os.path.relpath(path, folder)] = (kind, status.st_mode, size, still, content)
    return rows


def without_times(rows: dict[str, Row]) -> dict[str, tuple[object, ...]]:
    return {path: (*row[:3], row[4]) for path, row in rows.items()}
