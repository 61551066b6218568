"""How large a model of random weights is; apart from the measurements, so that commands start without those."""

from __future__ import annotations

from enum import Enum


class Size(Enum):
    """For CI, or the published configuration."""

    TINY = "tiny"
    REAL = "real"
