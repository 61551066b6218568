"""How the files of a checkout stand to what ttsopt left there."""

from __future__ import annotations

from enum import Enum

from ttsopt.checkout.files import read_if_there, sha256
from ttsopt.checkout.location import Checkout
from ttsopt.domain.journal import JournalFile


class FileState(Enum):
    """`APPLIED`: as ttsopt left it. `DRIFTED`: as before any patch, so the patches are gone from it.

    `EDITED`: changed since by somebody else. `MISSING`: not there, though it was.
    """

    APPLIED = "applied"
    DRIFTED = "drifted"
    EDITED = "edited"
    MISSING = "missing"


def file_state(checkout: Checkout, file: JournalFile) -> FileState:
    """Compare a file with the journal's record of it."""
    now = sha256(read_if_there(checkout.locate(file.path)))
    if now == file.written_sha256:
        return FileState.APPLIED
    if now == file.original_sha256:
        return FileState.DRIFTED
    return FileState.EDITED if now else FileState.MISSING
