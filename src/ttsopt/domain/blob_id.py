"""The name that git gives to what a file holds."""

from __future__ import annotations

import hashlib


def blob_id(data: bytes | None) -> str:
    """SHA-1 of the bytes as git stores them, which is with a head; zeros for a file that is not there.

    Source: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
    """
    if data is None:
        return "0" * 40
    head = b"blob %d\0" % len(data)
    return hashlib.sha1(head + data, usedforsecurity=False).hexdigest()
