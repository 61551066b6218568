"""cosyvoice/torchscript: CosyVoice2 takes the exported encoder where a helper finds that it can be used."""

from __future__ import annotations

from oracles.cosyvoice_exported import asked
from oracles.reading import Expectation, Files

FILES = ("**/cli/cosyvoice.py",)


def expect(files: Files) -> Expectation:
    """One file is loaded in CosyVoice2."""
    return asked(files, "load_jit", 0, (1,), "load_jit or exported({})")
