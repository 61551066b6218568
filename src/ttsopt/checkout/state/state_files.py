"""Files of ttsopt's own state: each whole or not at all; a folder is flushed once for all in it."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.fs.folder import NEW, Folder, open_folder
from ttsopt.checkout.fs.plain_file import open_plain, read_plain
from ttsopt.errors import CannotRunError, RefusedError

# Originals are read-only, against a careless hand; Windows would delete no such file.
ORIGINAL_MODE = 0o644 if os.name == "nt" else 0o444
PRIVATE_MODE = 0o600
FOR_OTHERS = 0o077
LARGEST = 16 * 1024 * 1024  # as files.py reads them


@contextmanager
def writing(path: Path, *, private: bool = False) -> Iterator[Folder]:
    """A folder to write into, made where it is missing; the lock sees to it that nobody else does.

    One that is `private` is made for the user's eyes alone, and so are those above it.

    Raises:
        CannotRunError: Something could not be written.
        RefusedError: A part of its path is a link.
    """
    try:
        with open_folder(path, make=True, private=private) as folder:
            yield folder
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        hint = "Free some space" if full else "Check the permissions of the folder"
        message = f"cannot write {path}: {error.strerror}"
        raise CannotRunError(
            "unwritable", message, f"{hint}, and run the command again."
        ) from error


def put(folder: Folder, name: str, data: bytes, mode: int, *, durable: bool = True) -> None:
    """Write a file in the place of the one before. That it is there lasts once the folder is flushed.

    As root, it is for the owner of the folder.

    Raises:
        OSError: It could not be written; the one before is as it was.
    """
    temporary = temporary_of(name)
    try:
        handle = folder.open(temporary, NEW)
    except FileExistsError:  # of a write that was killed
        folder.unlink(temporary)
        handle = folder.open(temporary, NEW)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            folder.hand_over(handle)
            folder.set_mode(temporary, handle, mode)
            if durable:
                os.fsync(handle)
        folder.rename(temporary, name)
    except BaseException:
        folder.unlink(temporary)
        raise


def temporary_of(name: str) -> str:
    """Return the name of a file until it is whole: always the same, so that killed writes do not add up."""
    return f".{name}.new"


def put_originals(
    folder: Folder,
    originals: dict[str, bytes],
    private: Collection[str] = (),
    *,
    again: bool = False,
) -> None:
    """Store bytes by their hashes, and flush them; those there are left as they are, or looked into `again`.

    `private` are those of files that not everybody may read: nobody else may read these copies either.

    Raises:
        OSError: They could not be stored.
    """
    there = set(folder.names())
    missing = {
        name: data
        for name, data in originals.items()
        if name not in there or (again and not _holds(folder, name))
    }
    for name, data in missing.items():
        put(folder, name, data, PRIVATE_MODE if name in private else ORIGINAL_MODE)
    for name in there & set(private) - missing.keys():
        _close(folder, name)
    if missing:
        folder.sync()


def _close(folder: Folder, name: str) -> None:
    """Take from others what they may do with a file that was stored when its source was open to all."""
    with open_plain(folder, name) as handle:
        if os.name != "nt" and os.fstat(handle).st_mode & FOR_OTHERS:
            folder.set_mode(name, handle, PRIVATE_MODE)


def _holds(folder: Folder, name: str) -> bool:
    try:
        return sha256(read_plain(folder, name, LARGEST)) == name
    except (OSError, CannotRunError, RefusedError):
        return False
