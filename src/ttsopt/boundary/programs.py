"""Programs found by absolute path, never in the current folder."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from ttsopt.boundary.variables import clean_path


def find_program(name: str, environ: Mapping[str, str] | None = None) -> Path | None:
    """Return the first program of that name on PATH, absolute; None where there is none.

    Not `shutil.which`: on Windows that looks into the current folder first, whatever path it is given.
    """
    given = os.environ if environ is None else environ
    # Scripts (.bat, .cmd) would go through cmd.exe, which reads arguments in its own way.
    names = (name, f"{name}.exe") if sys.platform == "win32" else (name,)
    folders = clean_path(given.get("PATH", os.defpath))
    candidates = (Path(folder, one) for folder in folders for one in names)
    return next((row for row in candidates if is_program(row)), None)


def require_program(name: str) -> Path:
    """Return what `find_program` finds.

    Raises:
        FileNotFoundError: There is none; `filename` is the name.
    """
    found = find_program(name)
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "no such program on PATH", name)
    return found


def is_program(file: Path) -> bool:
    """True if a file is there that may be run."""
    return os.access(file, os.X_OK) and file.is_file()
