"""How the requests of an open loop arrive."""

from __future__ import annotations

from enum import Enum


class Arrivals(Enum):
    """How requests are spread over time: by chance as those of many strangers are, or evenly."""

    POISSON = "poisson"
    CONSTANT = "constant"
