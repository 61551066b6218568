"""Somebody else, at work in the same folders at the worst moment: before any call of ours that they choose."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ttsopt.checkout.fs import exchange
from ttsopt.checkout.fs.folder import RELATIVE  # here, so that it sees the system's own calls

CALLS = (
    *("open", "stat", "lstat", "listdir", "scandir", "replace", "unlink", "mkdir", "rmdir"),
    *("fsync", "fchmod", "fstat"),
)


class Intruder:
    """Acts once, just before the call of that number; `calls` counts them. Its own calls are not counted."""

    def __init__(self, act: Callable[[], object], at: int, only: str = "") -> None:
        self.act, self.at, self.only = act, at, only
        self.calls, self._acting = 0, False

    def enter(self, patch: pytest.MonkeyPatch) -> None:
        """Stand before the calls, or only before those on `only`, a name in an open folder."""
        assert RELATIVE
        for name in CALLS:
            patch.setattr(os, name, self._before(getattr(os, name)))
        patch.setattr(exchange, "rename_with", self._before(exchange.rename_with))

    def _before(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            meant = not self.only or (arguments[:1] == (self.only,) and keywords.get("dir_fd"))
            if meant and not self._acting:
                self.calls += 1
                if self.calls == self.at + 1:
                    self._acting = True
                    self.act()
                    self._acting = False
            return real(*arguments, **keywords)

        return call


def swap(folder: Path, target: Path) -> None:
    """Put a link in the place of a folder, which moves aside."""
    folder.rename(aside(folder))
    folder.symlink_to(target)


def swap_back(folder: Path) -> None:
    folder.unlink()
    aside(folder).rename(folder)


def aside(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.aside")
