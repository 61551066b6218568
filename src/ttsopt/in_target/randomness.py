"""Seeded generators, and random weights that speak: the same for every system. Loaded by worker.py for workloads.

In a workload: `import _ttsopt_randomness as randomness`.
"""

from __future__ import annotations

import random
from typing import Any


def seed_all(seed: int) -> None:
    """Seed Python's, numpy's and torch's generators."""
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def without_zeros(model: Any) -> Any:
    """The model itself, in which no weight is all zeros: one that begins so (AdaLN) would let nothing through."""
    import torch

    for name, weight in model.named_parameters():
        if name.endswith("weight") and not weight.any():
            torch.nn.init.normal_(weight, std=0.02)
    return model
