"""Files that `--force` replaces, and displaced edits: kept in the user's state folder, outside of rollbacks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ttsopt.checkout.fs.files import create_file
from ttsopt.checkout.fs.folder import Folder
from ttsopt.checkout.fs.plain_file import read_plain
from ttsopt.checkout.fs.swap import LARGEST_SOURCE, Guard
from ttsopt.checkout.state.location import Checkout
from ttsopt.errors import TtsoptError


def keep_replaced(checkout: Checkout, path: str, data: bytes) -> Path:
    """Keep the bytes of a file (by its path from the top); gives where.

    Raises:
        CannotRunError: They could not be kept; then nothing may be replaced either.
    """
    place = new_place(checkout) / path
    create_file(place, data, 0o600, private=True)
    return place


def guard(checkout: Checkout, path: str, expected: str) -> Guard:
    """Return what a file (by its path from the top) is to hold when it is written, with a place for edits of it.

    What cannot be kept in the user's state folder, a link or a folder say, stays beside the file.
    """

    def keep(folder: Folder, name: str) -> Path:
        try:
            place = keep_replaced(checkout, path, read_plain(folder, name, LARGEST_SOURCE))
        except (OSError, TtsoptError):
            return folder.path / name
        folder.unlink(name)
        return place

    return Guard(expected, keep)


def new_place(checkout: Checkout) -> Path:
    """A folder of this moment's own; it is not made yet."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    return checkout.copy / "replaced" / now
