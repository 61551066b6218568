"""What `--force` replaces: kept in the user's state folder, outside of the checkout and of every rollback."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ttsopt.checkout.files import create_file
from ttsopt.checkout.location import Checkout


def keep_replaced(checkout: Checkout, path: str, data: bytes) -> Path:
    """Keep the bytes of a file (by its path from the top); gives where.

    Raises:
        CannotRunError: They could not be kept; then nothing may be replaced either.
    """
    place = new_place(checkout) / path
    create_file(place, data, 0o600, private=True)
    return place


def new_place(checkout: Checkout) -> Path:
    """A folder of this moment's own; it is not made yet."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    return checkout.copy / "replaced" / now
