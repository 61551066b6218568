"""How the files of a checkout stand to what ttsopt left there."""

from __future__ import annotations

from enum import Enum

from ttsopt.checkout.files import read_file, sha256
from ttsopt.checkout.location import Checkout
from ttsopt.domain.journal import JournalFile


class FileState(Enum):
    """`APPLIED`: as ttsopt left it. `DRIFTED`: the original again, so the patches are gone from it.

    `EDITED`: changed since by somebody else. `MISSING`: not there.
    """

    APPLIED = "applied"
    DRIFTED = "drifted"
    EDITED = "edited"
    MISSING = "missing"


def file_state(checkout: Checkout, file: JournalFile) -> FileState:
    """Compare a file with the journal's record of it."""
    path = checkout.locate(file.path)
    if not path.is_file():
        return FileState.MISSING
    now = sha256(read_file(path))
    if now == file.written_sha256:
        return FileState.APPLIED
    return FileState.DRIFTED if now == file.original_sha256 else FileState.EDITED
