"""The seal of a journal: what proves that this user's ttsopt wrote it, whoever could have put it there."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

# What else may come to be sealed with the same key is told apart by its first bytes.
PURPOSE = b"ttsopt journal\n"


@dataclass(frozen=True, slots=True)
class Proof:
    """`digest` is the SHA-256 of all that a journal says, in hex; `seal` what is under it, empty before schema 4.

    The digest covers everything that adopting the journal could write: originals are named in it by hash.
    """

    digest: str
    seal: str

    def is_by(self, key: bytes | None) -> bool:
        """True if whoever has this key sealed it."""
        if key is None or not self.seal:
            return False
        return hmac.compare_digest(self.seal, seal(key, self.digest))


def seal(key: bytes, digest: str) -> str:
    """The HMAC (RFC 2104, SHA-256) of a digest, in hex."""
    return hmac.new(key, PURPOSE + digest.encode("ascii"), "sha256").hexdigest()
