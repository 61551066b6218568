"""Arrivals of the requests of an open loop."""

from __future__ import annotations

from enum import Enum


class Arrivals(Enum):
    """Spread of requests over time: by chance as those of many strangers are, or evenly."""

    POISSON = "poisson"
    CONSTANT = "constant"
