"""The copy of a journal in the user's state folder, and which journals are the user's own, by that and the key."""

from __future__ import annotations

from shlex import quote

from ttsopt.checkout.fs.files import read_if_there
from ttsopt.checkout.state.journal_format import (
    DamagedJournalError,
    JournalRecord,
    NewerJournalError,
    decode,
)
from ttsopt.checkout.state.journal_seal import Proof
from ttsopt.checkout.state.location import JOURNAL, Checkout
from ttsopt.checkout.state.ownership import own_folder_of
from ttsopt.checkout.state.seal_key import known_key
from ttsopt.errors import CannotRunError, RefusedError


class ForeignStateError(RefusedError):
    """The state of a checkout is whole, and nothing proves that this user's ttsopt wrote it: it is not acted upon.

    `record` is what it says, and `digest` what it is adopted by (`--trust-state`).
    """

    def __init__(self, checkout: Checkout, record: JournalRecord, digest: str) -> None:
        message = f"{checkout.state} was not written by your ttsopt, or is not as it wrote it"
        super().__init__("foreign-state", message, _hint(checkout, digest))
        self.record = record
        self.digest = digest


def read_copy(checkout: Checkout) -> JournalRecord | None:
    """Return what the copy says; None where there is none, or none that can be read.

    Raises:
        RefusedError: Somebody else can have written it.
    """
    path = own_folder_of(checkout.top) / JOURNAL
    try:
        data = read_if_there(path)
        return decode(data) if data is not None else None
    except (DamagedJournalError, NewerJournalError, CannotRunError, RefusedError):
        return None


def is_own(checkout: Checkout, record: JournalRecord, proof: Proof) -> bool:
    """True if a journal has the user's seal, or says what the user's copy of this very checkout says.

    The copy vouches for journals from before there were seals, and for those whose key is lost.

    Raises:
        RefusedError: The key or the state folder may be somebody else's work.
        CannotRunError: The key cannot be read.
    """
    if proof.is_by(known_key()):
        return True
    copied = read_copy(checkout)
    return copied is not None and _all_of(copied) == _all_of(record)


def _all_of(record: JournalRecord) -> tuple[JournalRecord, int, str]:
    return record, record.sequence, record.life


def _hint(checkout: Checkout, digest: str) -> str:
    top = quote(str(checkout.top))
    looked = f"`ttsopt status {top}` shows what it would write."
    adopted = f"If you want that: `ttsopt rollback {top} --trust-state {digest}`."
    if not (checkout.copy / JOURNAL).exists():
        return f"{looked} {adopted}"
    own = f"Your own is in {checkout.copy}: delete {checkout.state}, and the next command puts it back."
    return f"{own} {looked} {adopted}"
