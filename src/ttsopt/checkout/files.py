"""Reads and replaces single files: whole or not at all, and none behind a link.

Paths are real ones, as `Checkout.locate` gives them: a link in one was put there since, and is refused.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ttsopt.checkout.attributes import keep_attributes
from ttsopt.checkout.bytecode import CACHE, drop_bytecode
from ttsopt.checkout.folder import NEW, Folder, is_a_link, open_folder
from ttsopt.checkout.plain_file import check_plain, open_plain, read_plain
from ttsopt.errors import CannotRunError

# Upstream's largest patched file has 150 KB; what is larger by far is no source.
LARGEST_SOURCE = 16 * 1024 * 1024
TEMPORARY = ".ttsopt"
# A folder, or one above it, that is not there; or a file in its place.
_MISSING = (FileNotFoundError, NotADirectoryError)


def sha256(data: bytes | None) -> str:
    """The hash that the journal and the store go by; empty for a file that is not there."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def read_if_there(path: Path) -> bytes | None:
    """The bytes of a regular file, None where there is none.

    Raises:
        CannotRunError: It cannot be read, or is no plain file of a sane size.
        RefusedError: It, or a folder above it, is a link.
    """
    with _told(path, _unreadable), suppress(*_MISSING), open_folder(path.parent) as folder:
        return read_plain(folder, path.name, LARGEST_SOURCE)
    return None


def read_file(path: Path) -> bytes:
    """The bytes of a regular file. Links in its path are followed: it may be one that the user named.

    Raises:
        CannotRunError: It cannot be read, or is no plain file of a sane size.
        RefusedError: A part of the path became a link while it was opened.
    """
    real = Path(
        os.path.realpath(path)
    )  # `resolve` of Python 3.11 has an error of its own for a circle
    with _told(path, _unreadable), open_folder(real.parent) as folder:
        return read_plain(folder, real.name, LARGEST_SOURCE)


def mode_bits(path: Path, otherwise: int) -> int:
    """The permissions of a file, without set-user-ID and its like; `otherwise` where there is none."""
    try:
        return stat.S_IMODE(path.stat().st_mode) & 0o777
    except _MISSING:
        return otherwise


def other_names(path: Path) -> int:
    """How many further names a file has (hard links), which keep the old bytes when this one is replaced.

    Raises:
        CannotRunError, RefusedError: As `read_if_there`, or it is not there.
    """
    with (
        _told(path, _unreadable),
        open_folder(path.parent) as folder,
        open_plain(folder, path.name) as handle,
    ):
        return max(0, os.fstat(handle).st_nlink - 1)  # some file systems count 0


def replace_file(path: Path, data: bytes, mode: int | None = None, *, durable: bool = True) -> None:
    """Write beside the file, flush to disk, and put it in its place in one step.

    Owner, group and extended attributes stay as they were, where that is allowed; its other names (hard
    links) keep the old bytes. `mode` is that of the file that is replaced where none is given. What is not
    `durable`, a second copy, may be lost in a power cut.

    Raises:
        CannotRunError: It could not be written; the file is as it was, unless flushing its folder failed.
        RefusedError: It, or a folder above it, is a link; nothing was written.
    """
    with _told(path, _unwritable), open_folder(path.parent) as folder:
        _replace(folder, path.name, data, mode, durable=durable)


def create_file(
    path: Path, data: bytes, mode: int, *, durable: bool = True, private: bool = False
) -> None:
    """Write a file that is not there yet, with the folders above it that are missing (`open_folder`).

    As root, all that is made is for the owner of the lowest folder that was there.

    Raises:
        CannotRunError, RefusedError: As `replace_file`.
    """
    with (
        _told(path, _unwritable),
        open_folder(path.parent, make=True, private=private) as folder,
    ):
        _replace(folder, path.name, data, mode, durable=durable)


def make_folders(path: Path, *, private: bool = False) -> None:
    """Make a folder and those above it, where they are missing (`open_folder`).

    Raises:
        CannotRunError: It could not be made.
        RefusedError: A part of the path is a link.
    """
    with _told(path, _unwritable), open_folder(path, make=True, private=private):
        pass


def remove_file(path: Path, folders: int = 0) -> None:
    """Delete a file, its bytecode, and as many folders above it as were made for it and are empty now.

    Raises:
        CannotRunError: It could not be deleted; the file is as it was.
        RefusedError: It, or a folder above it, is a link; nothing was deleted.
    """
    with _told(path, _unwritable), suppress(*_MISSING), open_folder(path.parent) as folder:
        _remove(folder, path.name)
    remove_empty_folders(path, folders)


def remove_empty_folders(path: Path, folders: int) -> None:
    """Delete as many folders above a file, from the lowest up, as long as they hold nothing of anybody's.

    Raises:
        CannotRunError: One could not be deleted.
        RefusedError: One is a link.
    """
    for folder in path.parents[:folders]:
        with _told(folder, _unwritable), suppress(*_MISSING), open_folder(folder.parent) as above:
            with above.enter(folder.name) as inner:
                inner.remove_empty_folder(CACHE)
            above.remove_empty_folder(folder.name)
            above.sync()  # before a journal that knows nothing of the folder any more


def remove_folder(folder: Path) -> None:
    """Delete a folder of ttsopt's own, with all that is in it, where there is one.

    Raises:
        CannotRunError: Something in it could not be deleted.
        RefusedError: It, or a folder above it, is a link.
    """
    with _told(folder, _unwritable):
        if folder.is_symlink():
            raise is_a_link(folder)
        if folder.exists():
            with open_folder(folder.parent) as above:
                above.remove_tree(folder.name)


def remove_leftovers(path: Path) -> None:
    """Delete what a write that was killed left beside a file.

    Raises:
        CannotRunError: It could not be deleted.
        RefusedError: A folder above it is a link.
    """
    ours = re.compile(re.escape(_stem(path.name)) + r"[0-9a-f]{16}" + re.escape(TEMPORARY))
    with _told(path, _unwritable), suppress(*_MISSING), open_folder(path.parent) as folder:
        for name in filter(ours.fullmatch, folder.names()):
            folder.unlink(name)


def _stem(name: str) -> str:
    """What names of temporaries begin with; cut, so that a name of 255 bytes has one too."""
    return f".{name[:50]}."


def _replace(folder: Folder, name: str, data: bytes, mode: int | None, *, durable: bool) -> None:
    # Before as well: bytecode that may not be deleted (another user's) stops it while nothing is changed.
    _drop_bytecode(folder, name)
    temporary = f"{_stem(name)}{os.urandom(8).hex()}{TEMPORARY}"
    try:
        with os.fdopen(folder.open(temporary, NEW), "wb") as file:
            file.write(data)
            file.flush()
            bits = _keep_attributes(folder, name, file.fileno(), mode)
            folder.set_mode(temporary, file.fileno(), bits)
            if durable:
                os.fsync(file.fileno())
        folder.rename(temporary, name)
    except BaseException:
        folder.unlink(temporary)
        raise
    if durable:
        folder.sync()
    _drop_bytecode(folder, name)


def _keep_attributes(folder: Folder, name: str, new: int, mode: int | None) -> int:
    """Make an open file like the one that it is to replace; gives the mode bits for it, those given first."""
    if mode is not None and folder.status(name) is None:
        folder.hand_over(new)
        return mode
    with open_plain(folder, name) as old:
        kept = keep_attributes(old, new)
    return kept if mode is None else mode


def _remove(folder: Folder, name: str) -> None:
    status = folder.status(name)
    if status:
        check_plain(folder.path / name, status)
    _drop_bytecode(folder, name)
    folder.unlink(name)
    folder.sync()
    _drop_bytecode(folder, name)


def _drop_bytecode(folder: Folder, name: str) -> None:
    with _told(folder.path / CACHE, _unwritable):
        drop_bytecode(folder, name)


@contextmanager
def _told(path: Path, as_error: Callable[[Path, OSError], CannotRunError]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise as_error(path, error) from error


def _unreadable(path: Path, error: OSError) -> CannotRunError:
    hint = "Check its permissions: ttsopt reads and writes as the user who runs it."
    return CannotRunError("unreadable", f"cannot read {path}: {error.strerror}", hint)


def _unwritable(path: Path, error: OSError) -> CannotRunError:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    checked = f"`{CACHE}` and what is in it" if path.name == CACHE else "its folder"
    hint = (
        "Free some space and run the command again."
        if full
        else f"Check the permissions of {checked}."
    )
    return CannotRunError("unwritable", f"cannot write {path}: {error.strerror}", hint)
