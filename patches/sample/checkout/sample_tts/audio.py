"""WAV files, and the clock that all parts share."""

from __future__ import annotations

import sys
import wave
from array import array
from pathlib import Path
from typing import Sequence

SAMPLE_RATE = 16000
FRAME = 64  # samples between two acoustic frames: 4 ms
FULL_SCALE = 32767


def write_wav(path: str | Path, samples: Sequence[float]) -> None:
    """Write mono samples in [-1, 1] as 16-bit PCM; louder ones are clipped."""
    pcm = array("h", (round(FULL_SCALE * max(-1.0, min(1.0, x))) for x in samples))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(_little_endian(pcm).tobytes())


def read_wav(path: str | Path) -> list[float]:
    """Read a 16-bit mono WAV at `SAMPLE_RATE` as samples in [-1, 1]."""
    with wave.open(str(path), "rb") as file:
        shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
        if shape != (1, 2, SAMPLE_RATE):
            raise ValueError(f"{path} is not 16-bit mono at {SAMPLE_RATE} Hz")
        pcm = array("h", file.readframes(file.getnframes()))
    return [x / FULL_SCALE for x in _little_endian(pcm)]


def _little_endian(pcm: array[int]) -> array[int]:
    """The same numbers in the byte order of a WAV file (or back from it)."""
    if sys.byteorder == "big":
        pcm.byteswap()
    return pcm
