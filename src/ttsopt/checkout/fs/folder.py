"""A folder held open: what is done in it is done there, wherever its path leads by then."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ttsopt.errors import RefusedError

# What POSIX calls openat and its like; Windows has none of them.
_CALLS = {os.open, os.stat, os.rename, os.unlink, os.mkdir, os.rmdir}
RELATIVE = os.supports_dir_fd >= _CALLS and os.listdir in os.supports_fd


def _flag(*names: str) -> int:
    """Flags of `open`, those left out that a system does not have."""
    return sum(getattr(os, name, 0) for name in names)


NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _flag("O_NOFOLLOW", "O_BINARY")
READ = os.O_RDONLY | _flag("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_BINARY")
# With O_PATH, a folder above needs no permission to be listed, and a link is opened as what it is.
_STEP = getattr(os, "O_PATH", os.O_RDONLY) | _flag("O_NOFOLLOW", "O_NONBLOCK")
_FOLDER = os.O_RDONLY | _flag("O_DIRECTORY")
# macOS has no O_PATH, but a flag by which no part of a path may be a link.
_NO_LINK_ANYWHERE = _flag("O_NOFOLLOW_ANY")
LINK_ERRORS = {errno.ELOOP, errno.EMLINK}
# Folders that cannot be flushed, on FUSE and network file systems; PostgreSQL and SQLite go on as well.
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}
# Root of a container, or of an NFS client, may not give everything away.
_NOT_GIVEN = {errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOTSUP, errno.ENOSYS}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that was reached through no link; names are of what lies right in it.

    `handle` is None where a system has no calls relative to a folder: then `path` is gone by. Methods raise
    OSError as the calls that they are named for.
    """

    path: Path
    handle: int | None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.handle is not None:
            os.close(self.handle)

    def enter(self, name: str) -> Folder:
        """Open a folder in it.

        Raises:
            RefusedError: It is a link.
            OSError: It is not there, or is no folder.
        """
        if self.handle is None:
            return _opened(self.path / name)
        below = _step(self.handle, name, self.path / name)
        try:
            return Folder(self.path / name, os.open(".", _FOLDER, dir_fd=below))
        finally:
            os.close(below)

    def names(self) -> list[str]:
        """All that lies in it."""
        return os.listdir(self.path if self.handle is None else self.handle)  # noqa: PTH208  a handle

    def status(self, name: str) -> os.stat_result | None:
        """Return what a name stands for, a link not followed; None where there is nothing."""
        try:
            return os.stat(self._at(name), dir_fd=self.handle, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """A descriptor, with `NEW` of a file that was not there, with `READ` of one that was."""
        return os.open(self._at(name), flags, mode, dir_fd=self.handle)

    def set_mode(self, name: str, handle: int, mode: int) -> None:
        """Set the mode bits of an open file in it."""
        if self.handle is None:
            (self.path / name).chmod(mode)
        else:
            os.fchmod(handle, mode)

    def rename(self, name: str, new: str) -> None:
        """In one step, in the place of what had the new name."""
        source, target = self._at(name), self._at(new)
        os.replace(source, target, src_dir_fd=self.handle, dst_dir_fd=self.handle)

    def link(self, name: str, new: str) -> None:
        """Give a file a second name, where nothing has it."""
        source, target = self._at(name), self._at(new)
        os.link(
            source,
            target,
            src_dir_fd=self.handle,
            dst_dir_fd=self.handle,
            follow_symlinks=self.handle is None,
        )

    def unlink(self, name: str) -> None:
        """Delete a file, or a link itself; none need be there."""
        with suppress(FileNotFoundError):
            os.unlink(self._at(name), dir_fd=self.handle)

    def make_folder(self, name: str, mode: int = 0o777) -> None:
        """Make a folder, lastingly, that belongs to whom this one does (`hand_over`); it may be there."""
        try:
            os.mkdir(self._at(name), mode, dir_fd=self.handle)
        except FileExistsError:
            return
        if self.handle is not None:
            with self.enter(name) as made:
                self.hand_over(made.handle)
        self.sync()

    def hand_over(self, new: int | None) -> None:
        """Give what root made in this folder, held open, to the folder's owner and group, as far as allowed.

        Otherwise one `sudo ttsopt apply` would lock users out of their own checkout's state.
        """
        if sys.platform == "win32" or self.handle is None or new is None or os.geteuid() != 0:
            return
        ours, now = os.fstat(self.handle), os.fstat(new)
        if (now.st_uid, now.st_gid) == (ours.st_uid, ours.st_gid):
            return
        try:
            os.fchown(new, ours.st_uid, ours.st_gid)
        except OSError as error:
            if error.errno not in _NOT_GIVEN:
                raise

    def remove_empty_folder(self, name: str) -> None:
        """Delete a folder, where there is one and nothing is in it."""
        try:
            os.rmdir(self._at(name), dir_fd=self.handle)
        except OSError as error:
            there = {
                errno.ENOTEMPTY,
                errno.EEXIST,
                errno.ENOTDIR,
            }  # which of the first two, POSIX leaves open
            if error.errno not in there | {errno.ENOENT}:
                raise

    def remove_tree(self, name: str) -> None:
        """Delete a folder with all that is in it."""
        import shutil

        shutil.rmtree(self._at(name), dir_fd=self.handle)

    def sync(self) -> None:
        """Make what was renamed, made or deleted in it last through a power cut, where that can be done."""
        if self.handle is None:
            return
        try:
            os.fsync(self.handle)
        except OSError as error:
            if error.errno not in _NO_SYNC:
                raise

    def _at(self, name: str) -> str:
        return str(self.path / name) if self.handle is None else name


def open_folder(path: Path, *, make: bool = False, private: bool = False) -> Folder:
    """Open a folder by its real path; with `make`, it and those above it are made where they are missing.

    What is made is for the user alone, where it is `private`.

    Raises:
        RefusedError: A part of the path is a link by now.
        OSError: It is not there, is no folder, or may not be listed.
    """
    try:
        return _opened(path.absolute())
    except FileNotFoundError:
        if not make:
            raise
    with open_folder(path.parent, make=True, private=private) as above:
        above.make_folder(path.name, 0o700 if private else 0o777)
        return above.enter(path.name)


def is_a_link(path: Path) -> RefusedError:
    """The refusal of a link in the place of what was to be written or read."""
    message = f"{path} is a link, and what lies behind it may be no part of the checkout"
    return RefusedError(
        "outside", message, "Nothing was written through it. Run the command again."
    )


def _opened(path: Path) -> Folder:
    if not RELATIVE:
        if not stat.S_ISDIR(path.stat().st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        return Folder(path, None)
    if not _NO_LINK_ANYWHERE:
        return Folder(path, _walk(path))
    try:
        return Folder(path, os.open(path, _FOLDER | _NO_LINK_ANYWHERE))
    except OSError as error:
        raise (is_a_link(path) if error.errno in LINK_ERRORS else error) from error


def _walk(path: Path) -> int:
    handle = os.open(path.anchor, _STEP)
    try:
        for part, below in zip(path.parts[1:], reversed([path, *path.parents][:-1]), strict=True):
            above, handle = handle, _step(handle, part, below)
            os.close(above)
        return os.open(".", _FOLDER, dir_fd=handle)
    finally:
        os.close(handle)


def _step(handle: int, name: str, path: Path) -> int:
    """Open what a name stands for, and look at what it is only then: it cannot be exchanged in between."""
    try:
        below = os.open(name, _STEP, dir_fd=handle)
    except OSError as error:
        raise (is_a_link(path) if error.errno in LINK_ERRORS else error) from error
    kind = os.fstat(below).st_mode
    if stat.S_ISDIR(kind):
        return below
    os.close(below)
    if stat.S_ISLNK(kind):
        raise is_a_link(path)
    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
