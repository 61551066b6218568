"""Speech that a fake recogniser reads: each byte of a text is a short tone, as loud as its value."""

from __future__ import annotations

import math
from array import array
from pathlib import Path

RATE, STEP = 8000, 80
LEVELS = 300
# A faster_whisper that reads the tones, and heeds nothing else.
LIBRARY = f"""\
import array, wave


class Segment:
    def __init__(self, text):
        self.text = text


class WhisperModel:
    def __init__(self, folder, **options):
        pass

    def transcribe(self, sound, **options):
        with wave.open(sound) as file:
            samples = array.array("h", file.readframes(file.getnframes()))
        blocks = (samples[at : at + {STEP}] for at in range(0, len(samples), {STEP}))
        levels = (round(max(block) / 32767 * {LEVELS}) for block in blocks)
        heard = bytes(min(level, 256) - 1 for level in levels if level > 0)
        return [Segment(heard.decode("utf-8", "replace"))], None
"""


def coded(text: str) -> bytes:
    """16-bit samples."""
    made = array("h")
    for byte in text.encode():
        peak = 32767 * (byte + 1) / LEVELS
        made.extend(
            round(peak * math.sin(2 * math.pi * (i + 0.5) / 8) / math.sin(math.pi * 3 / 8))
            for i in range(STEP)
        )
    return made.tobytes()


def lay_out(folder: Path) -> tuple[Path, Path]:
    """Write the library and an empty model; return the folder to import from, and the model's."""
    site, model = folder / "site", folder / "model"
    site.mkdir()
    model.mkdir()
    (site / "faster_whisper.py").write_text(LIBRARY, encoding="utf-8")
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (model / name).touch()
    return site, model
