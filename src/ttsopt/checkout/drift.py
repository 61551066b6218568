"""The words for how a patched file stands, and what its bytes alone say of it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from ttsopt.checkout.files import read_if_there
from ttsopt.errors import RefusedError

if TYPE_CHECKING:
    from ttsopt.checkout.location import Checkout
    from ttsopt.domain.journal import JournalFile


class FileState(Enum):
    """`APPLIED`: as ttsopt left it. `EDITED`: so, and changed since by somebody else. `MISSING`: not there.

    `DRIFTED`: nothing of any patch is in it: the original again, or another version of upstream's.
    `UPSTREAMED`: drifted, and the version that is there has of itself what the patch would make.
    """

    APPLIED = "applied"
    DRIFTED = "drifted"
    EDITED = "edited"
    MISSING = "missing"
    UPSTREAMED = "upstreamed"


def state_by_hash(file: JournalFile, now: str) -> FileState:
    """Compare the hash of a file's bytes (empty where it is not there) with the journal's record of it."""
    if now == file.written_sha256:
        return FileState.APPLIED
    if now == file.original_sha256:
        return FileState.DRIFTED
    return FileState.EDITED if now else FileState.MISSING


def bytes_there(checkout: Checkout, path: str) -> bytes | None:
    """What a patched file (by its path from the top) holds; None where it is not there.

    None also where something else is by now: a folder, or a link that leads out of the checkout.

    Raises:
        CannotRunError: It cannot be read.
    """
    try:
        real = checkout.locate(path)
    except RefusedError:
        return None
    return None if real.is_dir() else read_if_there(real)
