"""Python's cached bytecode of a source: with the same size and second, it would believe the old code."""

from __future__ import annotations

import glob
from fnmatch import fnmatchcase
from pathlib import PurePath

from ttsopt.checkout.fs.folder import Folder
from ttsopt.errors import CannotRunError, RefusedError

CACHE = "__pycache__"


def drop_bytecode(folder: Folder, source: str) -> None:
    """Delete what is cached of a file, by its name in the folder.

    Raises:
        CannotRunError: The cache lies elsewhere, and what is in it may be somebody else's.
        OSError: It could not be deleted.
    """
    name = PurePath(source)
    if name.suffix not in {".py", ".pyw"}:
        return
    try:
        cache = folder.enter(CACHE)
    except (FileNotFoundError, NotADirectoryError):
        return
    except RefusedError as error:
        message = f"{folder.path / CACHE} is a link: the bytecode of {source} behind it would stay"
        hint = "Delete the link; Python makes the folder anew."
        raise CannotRunError("unwritable", message, hint) from error
    with cache:
        for cached in cache.names():
            if fnmatchcase(cached, f"{glob.escape(name.stem)}.*.pyc"):
                cache.unlink(cached)
