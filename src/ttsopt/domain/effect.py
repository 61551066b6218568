"""What a patch does to the result, and where it is of use."""

from __future__ import annotations

from enum import Enum


class Effect(Enum):
    """What a patch does to the result, from the weakest to the strongest."""

    EXACT = "exact"
    CLOSE = "close"
    LOSSY = "lossy"

    def within(self, limit: Effect) -> bool:
        """Whether this effect is no stronger than `limit`."""
        order = list(Effect)
        return order.index(self) <= order.index(limit)


class Device(Enum):
    """Where a patch is of use; it must be harmless everywhere else."""

    ANY = "any"
    CPU = "cpu"
    CUDA = "cuda"
