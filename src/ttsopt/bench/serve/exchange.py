"""An exchange over the wire, before anybody has looked at the sound."""

from __future__ import annotations

from dataclasses import dataclass

from ttsopt.domain.measurement import Utterance

MOST_ROWS = 100_000
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer; times in seconds since the block began.

    `arrivals` are when bytes came, and how many there were by then. `failure` is a word, empty where the answer
    came whole; `words` say more of it, in what may be the server's own words.
    """

    text: Utterance
    due: float
    sent: float
    ended: float
    failure: str = ""
    words: str = ""
    arrivals: tuple[tuple[float, int], ...] = ()
    body: bytes = b""
