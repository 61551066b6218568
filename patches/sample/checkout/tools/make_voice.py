"""Write the reference voice: 0.6 s of vowels on a gliding pitch, by this project's own vocoder.

Run in the project's folder: `python -m tools.make_voice sample_tts/voices/reference.wav`.
"""

from __future__ import annotations

import sys

from sample_tts.acoustic import FRAMES_PER_SECOND
from sample_tts.audio import write_wav
from sample_tts.phones import PHONES, Segment
from sample_tts.vocoder import Vocoder

SECONDS = 0.6
VOWELS = ("AX", "EH", "AA")


def frames() -> list[list[float]]:
    """Channels of frames: a vowel after the other, the pitch falling from 132 to 104 Hz."""
    length = round(SECONDS * FRAMES_PER_SECOND)
    rows = []
    for n in range(length):
        vowel: Segment = PHONES[VOWELS[n * len(VOWELS) // length]][0]
        pitch = 132.0 - 28.0 * n / length
        formants = (vowel.f1, vowel.f2, vowel.f3)
        rows.append((pitch, *formants, 1.0, 0.05, 0.0, vowel.centre, vowel.width))
    return [list(channel) for channel in zip(*rows)]


if __name__ == "__main__":
    write_wav(sys.argv[1], Vocoder().synthesise(frames(), seed=7))
