"""Layers that planted functions share."""

from __future__ import annotations

from typing import Any

import torch

WIDTH = 32
torch.manual_seed(1)
LINEAR: Any = torch.nn.Linear(WIDTH, WIDTH)
WIDE: Any = torch.nn.Linear(WIDTH, 16 * WIDTH)
DIRECTION: Any = torch.nn.Linear(WIDTH, WIDTH).weight


def linear(x: Any) -> Any:
    """A layer that works for its time."""
    return LINEAR(x)
