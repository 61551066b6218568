"""cosyvoice/one-worker-for-short-texts: a service's own file, which no repository of CosyVoice holds."""

from __future__ import annotations

from oracles.reading import Expectation, Files, none, other

FILES = ("**/frontend.py", "**/TTS.py")


def expect(files: Files) -> Expectation:
    """Nothing to do without that file."""
    if "backend/TTS.py" in files:
        return other("a service of which nothing is known")
    return none("no service around it")
