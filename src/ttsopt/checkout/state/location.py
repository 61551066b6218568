"""The checkout at hand: the folder that was asked about, and the top that keeps its state."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeVar

from ttsopt.checkout.state.owner import is_own
from ttsopt.checkout.state.state_home import folder_of
from ttsopt.errors import CannotRunError, RefusedError, UsageError

STATE = ".ttsopt"
JOURNAL = "journal.json"
# Folders of installed packages belong to no repository that an environment happens to lie in.
PACKAGES = {"site-packages", "dist-packages"}
# What HFS+ overlooks in a name, and short names on NTFS (git's utf8.c, is_hfs_dotgit; path.c, is_ntfs_dotgit).
UNSEEN = dict.fromkeys(
    [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF]
)
RESERVED = {".git", STATE, "git~1", "ttsopt~1"}


class Rooted(Protocol):
    """Patches applied at a root, a path from the top."""

    @property
    def root(self) -> str:
        """The root."""


Row = TypeVar("Row", bound=Rooted)


@dataclass(frozen=True, slots=True)
class Checkout:
    """`directory` is what the user named; `top`, above it or the same, holds `.ttsopt`.

    `unused` is a folder above the top that has a journal too, which this user's ttsopt did not put there; None
    without one.
    """

    directory: Path
    top: Path
    unused: Path | None = None

    @property
    def state(self) -> Path:
        """The folder of the journal and the originals; it need not exist."""
        return self.top / STATE

    @property
    def copy(self) -> Path:
        """Part of the user's state folder for this checkout; it need not exist."""
        return folder_of(self.top)

    @property
    def has_state(self) -> bool:
        """True if something is applied, or was begun."""
        return (self.state / JOURNAL).exists()

    def from_top(self, path: str) -> str:
        """A path below `directory`, as seen from `top`."""
        return _between(self.directory, path, self.top)

    def from_directory(self, path: str) -> str:
        """A path below `top`, as seen from `directory`; it may begin with `..`."""
        return _between(self.top, path, self.directory)

    def here(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        """Those of the roots in `directory`; with none, of the root that it is a part of."""
        roots = [(row, self.top / row.root) for row in rows]
        inside = tuple(row for row, root in roots if root.is_relative_to(self.directory))
        return inside or tuple(row for row, root in roots if self.directory.is_relative_to(root))

    def locate(self, path: str) -> Path:
        """The real file behind a path below `top`; links inside the checkout are followed.

        Raises:
            RefusedError: It lies outside the checkout, or in git's or ttsopt's own folders.
        """
        real = (self.top / path).resolve()
        inside = real.relative_to(self.top) if real.is_relative_to(self.top) else None
        if inside is None or any(map(_is_reserved, inside.parts)):
            message = f"{path} leads to {real}, which is not a file of this checkout"
            raise RefusedError("outside", message, "ttsopt writes inside the checkout alone.")
        return real


def open_checkout(directory: Path) -> Checkout:
    """Find the top: the nearest folder upwards with ttsopt's state, else git's top level, else the folder itself.

    State above git's top level, or above the folder itself where there is no git, may be anybody's: it counts
    only where this user's state folder knows that folder. So may a repository around a folder: one of another
    user is none of it. A folder of installed packages is a top, and nothing above it is looked at.

    Raises:
        UsageError: There is no such folder, or no state folder where the user wants it.
        CannotRunError: A folder above it cannot be looked into.
    """
    try:
        there = directory.is_dir()
    except PermissionError as error:
        message = f"{directory} cannot be looked into: {error.strerror}"
        raise CannotRunError("unreadable", message, "Check the permissions above it.") from error
    if not there:
        what = "is a file" if directory.exists() else "does not exist"
        raise UsageError(
            "not-a-directory", f"{directory} {what}", "Name the folder of a TTS checkout."
        )
    directory = directory.resolve()
    upwards, packages = _upwards(directory)
    owner = directory.stat().st_uid
    highest = packages or next((row for row in upwards if _is_top_level(row, owner)), directory)
    with_state = [folder for folder in upwards if _holds(folder, STATE, JOURNAL)]
    own = [folder for folder in with_state if highest in folder.parents or folder == highest]
    known = own or [folder for folder in with_state if _holds(folder_of(folder), JOURNAL)]
    top = known[0] if known else highest
    return Checkout(directory, top, next((row for row in with_state if row in top.parents), None))


def _holds(folder: Path, *names: str) -> bool:
    return folder.joinpath(*names).exists()


def _is_top_level(folder: Path, owner: int) -> bool:
    """True if a folder is git's top level for one of `owner`'s, by git's own rule (`safe.directory`)."""
    if not _holds(folder, ".git"):
        return False
    statuses = folder.lstat(), (folder / ".git").lstat()
    return all(is_own(status) or status.st_uid == owner for status in statuses)


def _upwards(directory: Path) -> tuple[list[Path], Path | None]:
    """The folders that may be the top, from the lowest up, and the one of installed packages, if any."""
    upwards = [directory, *directory.parents]
    packages = next((folder for folder in upwards if folder.name in PACKAGES), None)
    return upwards[: upwards.index(packages) + 1] if packages else upwards, packages


def _is_reserved(name: str) -> bool:
    """Return True if a name leads, on one file system or another, to the folder of git's or ttsopt's own."""
    return name.translate(UNSEEN).casefold().partition(":")[0].rstrip(". ") in RESERVED


@cache
def _between(folder: Path, path: str, other: Path) -> str:
    """A path below one folder, as seen from another."""
    return PurePosixPath(Path(os.path.relpath(folder / path, other))).as_posix()
