"""A command as it can be typed, for hints that name the next one."""

from __future__ import annotations

import os
from pathlib import Path


def typed(*words: str | Path) -> str:
    """The words of a command line, quoted for this system's shell where they need it."""
    texts = list(map(str, words))
    if os.name == "nt":
        from subprocess import list2cmdline

        return list2cmdline(texts)
    from shlex import join

    return join(texts)
