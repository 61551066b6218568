"""The memory of the machine."""

from __future__ import annotations


def available_memory() -> int | None:
    """Bytes that programs can still take without swapping; None where the platform does not say."""
    import psutil

    try:
        return int(psutil.virtual_memory().available)
    except (psutil.Error, OSError, NotImplementedError):
        return None
