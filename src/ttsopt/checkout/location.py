"""The checkout at hand: the folder that was asked about, and the top that keeps its state."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ttsopt.errors import CannotRunError, RefusedError, UsageError

STATE = ".ttsopt"


@dataclass(frozen=True, slots=True)
class Checkout:
    """`directory` is what the user named; `top`, above it or the same, holds `.ttsopt`."""

    directory: Path
    top: Path

    @property
    def state(self) -> Path:
        """The folder of the journal and the originals; it need not exist."""
        return self.top / STATE

    @property
    def has_state(self) -> bool:
        """Whether something is applied, or was begun."""
        return (self.state / "journal.json").exists()

    def from_top(self, path: str) -> str:
        """A path below `directory`, as seen from `top`."""
        return _posix(os.path.relpath(self.directory / path, self.top))

    def from_directory(self, path: str) -> str:
        """A path below `top`, as seen from `directory`; it may begin with `..`."""
        return _posix(os.path.relpath(self.top / path, self.directory))

    def locate(self, path: str) -> Path:
        """The real file behind a path below `top`; links inside the checkout are followed.

        Raises:
            RefusedError: It lies outside the checkout, or in git's or ttsopt's own folders.
        """
        real = (self.top / path).resolve()
        inside = real.relative_to(self.top) if real.is_relative_to(self.top) else None
        if inside is None or {".git", STATE} & set(inside.parts):
            message = f"{path} leads to {real}, which is not a file of this checkout"
            raise RefusedError("outside", message, "ttsopt writes inside the checkout alone.")
        return real


def open_checkout(directory: Path) -> Checkout:
    """Find the top: the nearest folder upwards with ttsopt's state, else git's top level, else the folder itself.

    Raises:
        UsageError: There is no such folder.
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
    upwards = [directory, *directory.parents]
    with_state = (folder for folder in upwards if (folder / STATE / "journal.json").exists())
    with_git = (folder for folder in upwards if (folder / ".git").exists())
    return Checkout(directory, next(with_state, None) or next(with_git, directory))


def _posix(path: str) -> str:
    return PurePosixPath(Path(path)).as_posix()
