"""Where catalogues lie: beside the package in a wheel, else at the top of the repository; or with the user."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ttsopt.errors import CannotRunError, UsageError

_PACKAGE = Path(__file__).resolve().parents[1]


def catalogue_folder() -> Path:
    """The folder `patches`.

    Raises:
        CannotRunError: The installation is broken.
    """
    for folder in (_PACKAGE / "patches", _PACKAGE.parents[1] / "patches"):
        if folder.is_dir():
            return folder
    raise CannotRunError(
        "no-catalogue", f"no folder `patches` beside {_PACKAGE}", "Install ttsopt again."
    )


def own_catalogues(folders: Sequence[Path]) -> tuple[Path, ...]:
    """The folders that `--catalog` names.

    Raises:
        UsageError: One is not there, or has neither a system nor a patch.
    """
    expected = "Expected in it: SYSTEM/PATCH/patch.toml, or SYSTEM/system.toml for a new system."
    for folder in folders:
        if not folder.is_dir():
            raise UsageError("no-catalogue", f"--catalog {folder}: no such folder", expected)
        if not any(any(folder.glob(kind)) for kind in ("*/*/patch.toml", "*/system.toml")):
            message = f"--catalog {folder}: it has no system and no patch"
            raise UsageError("no-catalogue", message, expected)
    return tuple(folders)
