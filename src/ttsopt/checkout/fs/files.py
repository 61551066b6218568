"""Reads and replaces single files: whole or not at all, and none behind a link.

Paths are real ones, as `Checkout.locate` gives them: a link in one was put there since, and is refused.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ttsopt.checkout.fs.bytecode import CACHE, drop_bytecode
from ttsopt.checkout.fs.folder import Folder, is_a_link, open_folder
from ttsopt.checkout.fs.plain_file import open_plain, read_plain
from ttsopt.checkout.fs.swap import (
    LARGEST_SOURCE,
    Guard,
    Keep,
    Written,
    is_leftover,
    put,
    settle,
    sha256,
    take_away,
)
from ttsopt.errors import CannotRunError

__all__ = ["LARGEST_SOURCE", "sha256"]  # both are needed below this module too
# A folder, or one above it, that is not there; or a file in its place.
_MISSING = (FileNotFoundError, NotADirectoryError)


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


def write_file(
    path: Path, data: bytes | None, mode: int, guard: Guard, folders: int = 0
) -> Written:
    """Replace, create or (`data` is None) delete a file that holds what `guard` expects.

    One that is replaced keeps its own mode; `folders` above one that is deleted were made for it.

    Raises:
        CannotRunError, RefusedError: As `replace_file`.
    """
    if data is None:
        return remove_file(path, folders, guard)
    if guard.expected:
        return replace_file(path, data, guard=guard)
    return create_file(path, data, mode, guard=guard)


def replace_file(
    path: Path,
    data: bytes,
    mode: int | None = None,
    *,
    durable: bool = True,
    guard: Guard | None = None,
) -> Written:
    """Write beside the file, flush to disk, and put it in its place in one step.

    Owner, group and extended attributes stay as they were, where that is allowed; its other names (hard
    links) keep the old bytes. `mode` is that of the file that is replaced where none is given. What is not
    `durable`, a second copy, may be lost in a power cut. Without a `guard`, whatever is there is replaced.

    Raises:
        CannotRunError: It could not be written; the file is as it was, unless flushing its folder failed.
        RefusedError: It, or a folder above it, is a link; nothing was written.
    """
    with _told(path, _unwritable), open_folder(path.parent) as folder:
        return _put(folder, path.name, data, mode, guard, durable=durable)


def create_file(
    path: Path,
    data: bytes,
    mode: int,
    *,
    durable: bool = True,
    private: bool = False,
    guard: Guard | None = None,
) -> Written:
    """Write a file that is not there yet, with the folders above it that are missing (`open_folder`).

    As root, all that is made is for the owner of the lowest folder that was there.

    Raises:
        CannotRunError, RefusedError: As `replace_file`.
    """
    with (
        _told(path, _unwritable),
        open_folder(path.parent, make=True, private=private) as folder,
    ):
        return _put(folder, path.name, data, mode, guard, durable=durable)


def make_folders(path: Path, *, private: bool = False) -> None:
    """Make a folder and those above it, where they are missing (`open_folder`).

    Raises:
        CannotRunError: It could not be made.
        RefusedError: A part of the path is a link.
    """
    with _told(path, _unwritable), open_folder(path, make=True, private=private):
        pass


def remove_file(path: Path, folders: int = 0, guard: Guard | None = None) -> Written:
    """Delete a file, its bytecode, and as many folders above it as were made for it and are empty now.

    Raises:
        CannotRunError: It could not be deleted; the file is as it was.
        RefusedError: It, or a folder above it, is a link; nothing was deleted.
    """
    done = Written(is_done=guard is None)
    with _told(path, _unwritable), suppress(*_MISSING), open_folder(path.parent) as folder:
        _drop_bytecode(folder, path.name)
        done = take_away(folder, path.name, guard)
        _drop_bytecode(folder, path.name)
    if done.is_done:
        remove_empty_folders(path, folders)
    return done


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
    with _told(path, _unwritable), suppress(*_MISSING), open_folder(path.parent) as folder:
        for name in folder.names():
            if is_leftover(name, path.name):
                folder.unlink(name)


def settle_displaced(path: Path, known: Collection[str], keep: Keep) -> tuple[Path, ...]:
    """Put back what a write that was killed had displaced; versions `known` by their hash are deleted.

    Gives where edits are kept that could not go back, since the file was saved again.

    Raises:
        CannotRunError: Something could not be renamed or deleted.
        RefusedError: A folder above it is a link.
    """
    with _told(path, _unwritable), suppress(*_MISSING), open_folder(path.parent) as folder:
        return settle(folder, path.name, known, keep)
    return ()


def _put(
    folder: Folder, name: str, data: bytes, mode: int | None, guard: Guard | None, *, durable: bool
) -> Written:
    # Before as well: bytecode that may not be deleted (another user's) stops it while nothing is changed.
    _drop_bytecode(folder, name)
    done = put(folder, name, data, mode, guard, durable=durable)
    _drop_bytecode(folder, name)
    return done


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
