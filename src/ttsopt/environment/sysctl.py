"""Asks macOS about its machine."""

from __future__ import annotations

from pathlib import Path

from ttsopt.boundary.processes import run_process
from ttsopt.boundary.variables import scrubbed

SECONDS = 10.0


def sysctl(name: str) -> str:
    """Return a value of the kernel's, empty where it has none of that name."""
    try:
        end = run_process(["/usr/sbin/sysctl", "-n", name], Path("/"), scrubbed(), SECONDS)
    except OSError:
        return ""
    return end.stdout.decode("utf-8", "replace").strip()
