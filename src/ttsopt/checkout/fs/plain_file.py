"""Opens and reads a file only where it is a plain one, and of a sane size."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ttsopt.boundary.reading import read_bounded
from ttsopt.checkout.fs.folder import LINK_ERRORS, READ, Folder, is_a_link
from ttsopt.errors import CannotRunError


@contextmanager
def open_plain(folder: Folder, name: str) -> Iterator[int]:
    """A descriptor to read from. A device is not even opened, which can do things to it.

    Raises:
        CannotRunError: It is something else.
        RefusedError: It is a link.
        OSError: It is not there, or cannot be opened.
    """
    path = folder.path / name
    status = folder.status(name)
    if status is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    check_plain(path, status)
    try:
        handle = folder.open(name, READ)
    except OSError as error:
        raise (is_a_link(path) if error.errno in LINK_ERRORS else error) from error
    try:
        check_plain(path, os.fstat(handle))
        yield handle
    finally:
        os.close(handle)


def check_plain(path: Path, status: os.stat_result) -> None:
    """Refuse what is no plain file, links not followed.

    Raises:
        CannotRunError: A folder, a pipe, a socket or a device.
        RefusedError: A link.
    """
    if stat.S_ISLNK(status.st_mode):
        raise is_a_link(path)
    if not stat.S_ISREG(status.st_mode):
        raise CannotRunError(
            "unreadable", f"{path} is not a plain file", "Patches edit plain files alone."
        )


def read_plain(folder: Folder, name: str, most: int) -> bytes:
    """The bytes of a file that has no more than `most`.

    Raises:
        CannotRunError: It is no plain file, or larger.
        RefusedError: It is a link.
        OSError: It is not there, or cannot be read.
    """
    with open_plain(folder, name) as handle, os.fdopen(handle, "rb", closefd=False) as file:
        try:
            return read_bounded(file, folder.path / name, most)
        except OSError as error:
            if error.errno != errno.EFBIG:
                raise
            message = f"{error.filename}: {error.strerror}"
            raise CannotRunError("too-large", message, "That is no source file.") from error
