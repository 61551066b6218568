"""How often values that a patch's helper keeps were given out again. Loaded by worker.py.

A helper that keeps values is a module called `ttsopt_<what>` (in whatever package) with
`cache_counts() -> {"hits": n, "misses": n}`, both since it was imported. What a system keeps by itself has no such
counter, and nothing is said of it.
"""

from __future__ import annotations

import sys
from typing import Any, Dict, Optional

Counts = Dict[str, int]


def counts() -> Optional[Counts]:
    """Hits and misses of all helpers that are loaded, together; None where none keeps values."""
    said = [
        module.cache_counts() for name, module in list(sys.modules.items()) if _keeps(name, module)
    ]
    if not said:
        return None
    return {what: sum(int(row[what]) for row in said) for what in ("hits", "misses")}


def since(earlier: Optional[Counts]) -> Counts:
    """`cache_hits` and `cache_misses` since an earlier count; empty where no helper counts."""
    now, then = counts(), earlier or {"hits": 0, "misses": 0}
    return {"cache_" + what: now[what] - then[what] for what in now} if now else {}


def _keeps(name: str, module: Any) -> bool:
    # Not getattr: lazy modules (transformers) import when they are asked.
    its_own = getattr(module, "__dict__", {})
    return name.rpartition(".")[2].startswith("ttsopt_") and "cache_counts" in its_own
