"""The state that a command starts from; one that writes waits for its turn, and ends what was left unfinished."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from ttsopt.checkout.state.journal import adopt
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.lock import WAIT, locked
from ttsopt.checkout.state.state_copy import discard_copy, is_lost, read_state
from ttsopt.checkout.transaction import recover
from ttsopt.domain.journal import Journal
from ttsopt.errors import RefusedError
from ttsopt.operations.plan.drift import file_drifts


@dataclass(frozen=True, slots=True)
class Turn:
    """How long to wait for another ttsopt at work on the same checkout, and who to tell that one is.

    `trust` is the digest of foreign state that the user looked at, and wants to be their own; empty for none.
    `is_held`: the turn is taken already, by the command that this one is a part of.
    """

    seconds: float = WAIT
    tell: Callable[[str], None] = lambda _: None
    is_held: bool = False
    trust: str = ""


USUAL = Turn()


def adopted(checkout: Checkout, turn: Turn) -> Checkout:
    """The checkout; foreign state in it is made the user's own first, where the user said so.

    Raises:
        RefusedError: Another one is at work for longer, or the state is another one than the user said.
        CannotRunError: The state cannot be read or written.
    """
    if turn.trust:
        with locked(checkout, turn.seconds, turn.tell):
            adopt(checkout, turn.trust)
    return checkout


@contextmanager
def settled(checkout: Checkout, turn: Turn = USUAL) -> Iterator[tuple[str, ...]]:
    """Nobody else writes meanwhile, a lost state is put back, and a step that was begun and not finished undone.

    Gives the files that were put back.

    Raises:
        RefusedError: Another one is at work for longer, or the state is damaged.
    """
    lock = nullcontext() if turn.is_held else locked(checkout, turn.seconds, turn.tell)
    with lock:
        if is_stale(checkout):
            discard_copy(checkout)
        yield recover(checkout, turn.tell)


def settled_journal(checkout: Checkout) -> Journal:
    """The journal of a checkout in which no step was left unfinished.

    Raises:
        RefusedError: One was; only commands that write put that right.
    """
    record = read_state(checkout)
    if record.pending:
        files = ", ".join(file.path for file in record.pending)
        message = f"an earlier run was stopped while it wrote {files}"
        raise RefusedError(
            "unfinished",
            message,
            "`ttsopt apply` and `ttsopt rollback` put that right before they go on.",
        )
    return Journal() if is_stale(checkout) else record.journal


def is_stale(checkout: Checkout) -> bool:
    """True if only a copy of the state is left, of a tree that holds nothing of ttsopt's any more: a new clone."""
    if not is_lost(checkout):
        return False
    record = read_state(checkout)
    stands = file_drifts(checkout, record.journal)
    return not record.pending and all(row.is_gone for row in stands)
