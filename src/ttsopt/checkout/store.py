"""Originals by their hash: `.ttsopt/originals/<sha256>`."""

from __future__ import annotations

from collections.abc import Collection

from ttsopt.checkout.files import read_file, replace_file, sha256
from ttsopt.checkout.location import Checkout
from ttsopt.errors import CannotRunError, RefusedError


def open_store(checkout: Checkout) -> None:
    """Make the folders, and have git overlook them.

    Raises:
        CannotRunError: They cannot be made.
    """
    folder = checkout.state / "originals"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot make {folder}: {error.strerror}"
        raise CannotRunError(
            "unwritable", message, "Check the permissions of the checkout."
        ) from error
    ignore = checkout.state / ".gitignore"
    if not ignore.exists():
        replace_file(ignore, b"*\n", mode=0o644)


def keep(checkout: Checkout, data: bytes | None) -> str:
    """Store bytes; gives their hash, which is empty for a file that is not there."""
    name = sha256(data)
    path = checkout.state / "originals" / name
    if data is not None and not path.exists():
        replace_file(path, data, mode=0o444)
    return name


def fetch(checkout: Checkout, name: str) -> bytes | None:
    """Stored bytes, checked against their hash; None for the empty hash of a file that was not there.

    Raises:
        RefusedError: They are gone, or not what they were.
    """
    if not name:
        return None
    path = checkout.state / "originals" / name
    if not path.is_file():
        hint = "If the checkout is under git, `git checkout -- FILE` brings the original back."
        raise RefusedError(
            "lost-original", f"the original {name[:12]} is not in {path.parent}", hint
        )
    data = read_file(path)
    if sha256(data) != name:
        raise RefusedError(
            "damaged-original",
            f"{path} is not what was stored",
            "Restore it from a backup of .ttsopt.",
        )
    return data


def is_empty(checkout: Checkout) -> bool:
    """Whether no original is stored."""
    return not any((checkout.state / "originals").glob("*"))


def forget_all_but(checkout: Checkout, names: Collection[str]) -> None:
    """Delete what no record needs any more."""
    for path in (checkout.state / "originals").glob("*"):
        if path.name not in names:
            path.unlink()
