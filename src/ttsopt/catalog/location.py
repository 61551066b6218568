"""Where the catalogue lies: beside the package in a wheel, at the top of the repository elsewhere."""

from __future__ import annotations

from pathlib import Path

from ttsopt.errors import CannotRunError

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
