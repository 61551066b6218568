"""An editor that saves a file just before any call of ours, and file systems that cannot exchange two names."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
from disk_calls import Call

from ttsopt.checkout.fs import exchange

MARK = b"# edited by hand\n"


@dataclass(frozen=True)
class Save:
    """Adds a line to a file, or makes it: in place, or (`by_rename`) by a new file that takes its place."""

    file: Path
    by_rename: bool

    def meet(self, call: Call, since: int) -> Any:
        """For `strike_at`."""
        if since == 0:
            self.save()
        return call.go()

    def save(self) -> None:
        data = (self.file.read_bytes() if self.file.exists() else b"") + MARK
        self.file.parent.mkdir(parents=True, exist_ok=True)
        if not self.by_rename:
            with self.file.open("wb") as file:
                file.write(data)
            return
        beside = self.file.with_name(f"{self.file.name}~")
        beside.write_bytes(data)
        beside.replace(self.file)


def kept_edits(folder: Path, name: str) -> list[Path]:
    """The files of that name below `replaced` folders that hold an edit."""
    found = (path for path in folder.rglob(name) if "replaced" in path.parts)
    return [path for path in found if MARK in path.read_bytes()]


def check_not_lost(file: Path, state: Path, error: str) -> None:
    """The edit is in its file, or kept, and the error says where."""
    if file.is_file() and MARK in file.read_bytes():
        return
    kept = kept_edits(state, file.name)
    assert kept, f"the edit of {file} is lost; the error: {error!r}"
    assert any(str(path) in error for path in kept), error


def without_exchange(patch: pytest.MonkeyPatch, number: int = errno.EINVAL) -> None:
    """As on NFS, FAT or overlayfs: the call is there, and the file system does not know its flags."""

    def refused(*_: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    patch.setattr(exchange, "rename_with", refused)
