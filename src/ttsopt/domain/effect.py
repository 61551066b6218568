"""Effect of a patch on the result, and where it is of use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# In its worst quarter of a second, a wave may be this many times as far off as over all: noise that is in all of
# it stays below (docs/benchmarking.md), damage in one place does not, and a mean over a long text would hide that.
WORST_STRETCH = 4.0


class Effect(Enum):
    """Effect of a patch on the result, from the weakest to the strongest."""

    EXACT = "exact"
    CLOSE = "close"
    LOSSY = "lossy"

    def within(self, limit: Effect) -> bool:
        """Return True if this effect is no stronger than `limit`."""
        order = list(Effect)
        return order.index(self) <= order.index(limit)


class Device(Enum):
    """Where a patch is of use; it must be harmless everywhere else."""

    ANY = "any"
    CPU = "cpu"
    CUDA = "cuda"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far the two sides of a `close` patch may be apart, each utterance by itself.

    `mel_db`: mean log-mel difference; `WORST_STRETCH` times as much in the worst quarter of a second. `tokens`:
    share that agrees. The defaults hold where a patch states nothing: docs/benchmarking.md says why these.
    """

    mel_db: float = 0.5
    tokens: float = 0.99
