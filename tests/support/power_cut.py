"""A power cut on a file system that keeps what was flushed, and of the rest no more than it has to.

Contents, length and mode of a file last once the file is flushed; names (made, renamed, deleted) once their
folder is. A rename between two folders lasts once the one it leads to is flushed.
"""

from __future__ import annotations

import os
import random
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from disk_calls import REAL, RENAME_WITH, Call
from faults import die

Inode = tuple[int, int]
Undo = Callable[[], object]
MAKING = {"open", "mkdir", "mknod", "mkfifo", "link", "symlink"}
DELETING = {"unlink", "remove"}
TOUCHING = {"write", "pwrite", "writev", "ftruncate", "copy_file_range", "sendfile"}


class Lost(Enum):
    """What was not flushed and is lost: all, the contents alone, nothing, or of each folder and file by chance."""

    ALL = "all"
    CONTENTS = "contents"
    NOTHING = "nothing"
    SOME = "some"


@dataclass
class PowerCut:
    """Records what is not flushed yet, and at the cut undoes it and kills the process.

    `keep` is a folder on the same file system, for what must be put back.
    """

    lost: Lost
    keep: Path
    _names: list[tuple[Inode, Undo]] = field(default_factory=list)
    _contents: dict[Inode, list[Undo]] = field(default_factory=dict)
    _kept: int = 0

    def meet(self, call: Call, since: int) -> Any:
        if since == 0:
            self._cut()
        if call.name in {"fsync", "fdatasync"}:
            return self._flush(call)
        if call.name == "rmdir":
            return self._remove_folder(call)
        undo = self._undo_of_names(call)
        self._note_mode(call)
        result = call.go()
        if undo is not None:
            self._names.append(undo)
        self._note_contents(call, result)
        return result

    def _flush(self, call: Call) -> Any:
        result = call.go()
        there = _inode(os.fstat(call.arguments[0]))
        self._contents.pop(there, None)
        self._names = [row for row in self._names if row[0] != there]
        return result

    def _cut(self) -> None:
        chance = random.Random(len(self._names) * 1009 + len(self._contents))  # noqa: S311
        for undos in self._contents.values():
            if self._is_lost(chance, contents=True):
                for undo in reversed(undos):
                    undo()
        for folder in self._spared(chance):
            self._names = [row for row in self._names if row[0] != folder]
        for _, undo in reversed(self._names if self.lost is not Lost.NOTHING else []):
            undo()
        die()

    def _is_lost(self, chance: random.Random, *, contents: bool) -> bool:
        if self.lost is Lost.SOME:
            return chance.random() < 0.5
        return self.lost is Lost.ALL or (self.lost is Lost.CONTENTS and contents)

    def _spared(self, chance: random.Random) -> Iterator[Inode]:
        """Folders whose names are kept though they were not flushed."""
        for folder in dict.fromkeys(row[0] for row in self._names):
            if not self._is_lost(chance, contents=False):
                yield folder

    # Names

    def _undo_of_names(self, call: Call) -> tuple[Inode, Undo] | None:
        """The folder that a call changes, and how to take that back; None where it changes no name."""
        if call.name in {"rename", "replace"}:
            return self._undo_of_rename(call)
        if call.name == RENAME_WITH:
            return _undo_of_rename_with(call)
        if call.name not in MAKING | DELETING:
            return None
        linking = call.name in {"link", "symlink"}
        handle = call.keywords.get("dst_dir_fd" if call.name == "link" else "dir_fd")
        path = _Name.of(call.arguments[1 if linking else 0], handle)
        if path.exists() == (call.name in MAKING):
            return None
        undo = path.away(self._aside()) if call.name in MAKING else path.back(self._linked(path))
        return path.folder, undo

    def _remove_folder(self, call: Call) -> Any:
        """Moved aside instead, so that what was deleted in it can be put back into it."""
        path = _Name.of(call.arguments[0], call.keywords.get("dir_fd"))
        if not path.exists() or path.holds_something():
            return call.go()
        aside = self._aside()
        REAL["rename"](path.name, aside, src_dir_fd=path.handle)
        self._names.append((path.folder, path.back(aside)))
        return None

    def _undo_of_rename(self, call: Call) -> tuple[Inode, Undo] | None:
        source = _Name.of(call.arguments[0], call.keywords.get("src_dir_fd"))
        target = _Name.of(call.arguments[1], call.keywords.get("dst_dir_fd"))
        if not source.exists():
            return None
        replaced = target.back(self._linked(target)) if target.exists() else lambda: None

        def undo() -> None:
            REAL["rename"](
                target.name, source.name, src_dir_fd=target.handle, dst_dir_fd=source.handle
            )
            replaced()

        return target.folder, undo

    def _aside(self) -> Path:
        self._kept += 1
        return self.keep / str(self._kept)

    def _linked(self, path: _Name) -> Path:
        """A second name for what is about to lose its own."""
        aside = self._aside()
        REAL["link"](path.name, aside, src_dir_fd=path.handle, follow_symlinks=False)
        return aside

    # Contents and modes

    def _note_contents(self, call: Call, result: Any) -> None:
        handle = -1
        if call.name in TOUCHING:
            handle = call.arguments[1 if call.name == "copy_file_range" else 0]
        elif call.name == "open":
            handle = result
        elif call.name == "truncate":
            handle = REAL["open"](call.arguments[0], os.O_RDWR)
        if handle < 0 or not stat.S_ISREG(os.fstat(handle).st_mode):
            return
        there = _inode(os.fstat(handle))
        if call.name != "open" or os.fstat(handle).st_size == 0:
            self._contents.setdefault(there, []).append(partial(_empty, os.dup(handle)))

    def _note_mode(self, call: Call) -> None:
        if call.name not in {"chmod", "fchmod"}:
            return
        what = call.arguments[0]
        if isinstance(what, int):
            handle = os.dup(what)
        else:
            handle = REAL["open"](what, os.O_RDONLY, dir_fd=call.keywords.get("dir_fd"))
        status = os.fstat(handle)
        mode = stat.S_IMODE(status.st_mode)
        self._contents.setdefault(_inode(status), []).append(partial(REAL["fchmod"], handle, mode))


@dataclass(frozen=True)
class _Name:
    """A name in a folder, which is held open: it may itself be renamed."""

    handle: int
    name: str

    @classmethod
    def of(cls, path: Any, dir_fd: int | None) -> _Name:
        folder, name = os.path.split(os.fsdecode(path))
        handle = REAL["open"](folder or ".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=dir_fd)
        return cls(handle, name)

    @property
    def folder(self) -> Inode:
        return _inode(os.fstat(self.handle))

    def status(self) -> os.stat_result:
        return os.stat(self.name, dir_fd=self.handle, follow_symlinks=False)

    def exists(self) -> bool:
        try:
            self.status()
        except FileNotFoundError:
            return False
        return True

    def holds_something(self) -> bool:
        handle = REAL["open"](self.name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.handle)
        with os.scandir(handle) as rows:
            return any(rows)

    def away(self, aside: Path) -> Undo:
        """Take the name out, with all that may lie below it."""
        return lambda: REAL["rename"](self.name, aside, src_dir_fd=self.handle)

    def back(self, aside: Path) -> Undo:
        """Give the name to what was kept."""

        def undo() -> None:
            REAL["rename"](aside, self.name, dst_dir_fd=self.handle)

        return undo


def _undo_of_rename_with(call: Call) -> tuple[Inode, Undo] | None:
    """An exchange is its own reverse, once the names are turned round; so is a rename that replaces nothing."""
    folder, name, new, flags = call.arguments
    source, target = _Name.of(name, folder), _Name.of(new, folder)
    if not source.exists() or (not target.exists()) == (flags == 2):
        return None
    return target.folder, lambda: REAL[RENAME_WITH](target.handle, new, name, flags)


def _inode(status: os.stat_result) -> Inode:
    return status.st_dev, status.st_ino


def _empty(handle: int) -> None:
    if os.fstat(handle).st_size:
        REAL["ftruncate"](handle, 0)
