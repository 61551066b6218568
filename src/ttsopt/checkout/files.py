"""Reads and replaces single files: whole or not at all, with their mode kept and stale bytecode dropped."""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from ttsopt.errors import CannotRunError

# Upstream's largest patched file has 150 KB; what is larger by far is no source.
LARGEST_SOURCE = 16 * 1024 * 1024
TEMPORARY = ".ttsopt"


def sha256(data: bytes | None) -> str:
    """The hash that the journal and the store go by; empty for a file that is not there."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def read_if_there(path: Path) -> bytes | None:
    """The bytes of a file, None where there is none.

    Raises:
        CannotRunError: As `read_file`.
    """
    return read_file(path) if path.exists() else None


def read_file(path: Path) -> bytes:
    """The bytes of a regular file.

    Raises:
        CannotRunError: It cannot be read, or is no plain file of a sane size.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise CannotRunError(
                "unreadable", f"{path} is not a plain file", "Patches edit plain files alone."
            )
        if status.st_size > LARGEST_SOURCE:
            raise CannotRunError(
                "too-large", f"{path} has {status.st_size} bytes", "That is no source file."
            )
        return path.read_bytes()
    except OSError as error:
        hint = "Check its permissions: ttsopt reads and writes as the user who runs it."
        raise CannotRunError("unreadable", f"cannot read {path}: {error.strerror}", hint) from error


def replace_file(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write beside the file, flush to disk, and put it in its place in one step.

    `mode` is that of the file that is replaced where none is given.

    Raises:
        CannotRunError: It could not be written; the file is as it was.
    """
    try:
        bits = stat.S_IMODE(path.stat().st_mode) if mode is None else mode
        # Before as well: bytecode that may not be deleted (another user's) stops it while nothing is changed.
        drop_bytecode(path)
        _replace(path, data, bits)
        drop_bytecode(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def create_file(path: Path, data: bytes, mode: int) -> None:
    """Write a file that is not there yet, with the folders above it that are missing.

    Raises:
        CannotRunError: It could not be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path.parent, error) from error
    replace_file(path, data, mode)


def remove_file(path: Path, folders: int = 0) -> None:
    """Delete a file, its bytecode, and as many folders above it as were made for it and are empty now.

    Raises:
        CannotRunError: It could not be deleted; the file is as it was.
    """
    try:
        drop_bytecode(path)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            sync_folder(path.parent)
        drop_bytecode(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    remove_empty_folders(path, folders)


def remove_empty_folders(path: Path, folders: int) -> None:
    """Delete as many folders above a file, from the lowest up, as long as they hold nothing of anybody's.

    Raises:
        CannotRunError: One could not be deleted.
    """
    for folder in path.parents[:folders]:
        cache = folder / "__pycache__"
        try:
            for empty in (cache, folder):
                if empty.is_dir() and not any(empty.iterdir()):
                    empty.rmdir()
        except OSError as error:
            raise _unwritable(folder, error) from error


def drop_bytecode(path: Path) -> None:
    """Delete what Python cached of a source: with the same size and second, it would believe the old code.

    Raises:
        CannotRunError: The cache lies elsewhere, and what is in it may be somebody else's.
    """
    cache = path.parent / "__pycache__"
    if cache.is_symlink():
        message = f"{cache} is a link: the bytecode of {path.name} behind it would stay"
        raise CannotRunError(
            "unwritable", message, "Delete the link; Python makes the folder anew."
        )
    for cached in cache.glob(f"{glob.escape(path.stem)}.*.pyc"):
        cached.unlink(missing_ok=True)


def remove_folder(folder: Path) -> None:
    """Delete a folder of ttsopt's own, with all that is in it, where there is one."""
    if folder.exists():
        shutil.rmtree(folder)


def remove_leftovers(path: Path) -> None:
    """Delete what a write that was killed left beside a file."""
    for temporary in path.parent.glob(f".{glob.escape(path.name)}.*{TEMPORARY}"):
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder last through a power cut; not every system lets a folder be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> CannotRunError:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    hint = (
        "Free some space and run the command again."
        if full
        else "Check the permissions of its folder, and of `__pycache__` there."
    )
    return CannotRunError("unwritable", f"cannot write {path}: {error.strerror}", hint)


def _replace(path: Path, data: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=TEMPORARY, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
