"""Something with the statistics of speech, and what code might give out in its place."""

from __future__ import annotations

import math
import random

RATE = 8000
SYLLABLE = 1200  # samples: 0.15 s


def speech(seconds: float = 3.0, seed: int = 0) -> list[float]:
    """Syllables of other pitch and colour, each after a hiss, as float samples at 8 kHz."""
    draw = random.Random(seed)  # noqa: S311 - noise
    wave: list[float] = []
    while len(wave) < seconds * RATE:
        pitch, colours = draw.uniform(90, 220), [draw.random() ** 2 for _ in range(12)]
        wave += [0.05 * draw.uniform(-1, 1) for _ in range(SYLLABLE // 4)]
        wave += [_sound(i / RATE, pitch, colours) for i in range(SYLLABLE)]
    return wave[: round(seconds * RATE)]


def _sound(second: float, pitch: float, colours: list[float]) -> float:
    turn = 2 * math.pi * pitch * second * (1 + 0.4 * second)
    return 0.08 * sum(loud * math.sin((n + 1) * turn) for n, loud in enumerate(colours))


def white_noise(seconds: float = 3.0) -> list[float]:
    """As loud as speech."""
    draw = random.Random(1)  # noqa: S311 - noise
    return [0.2 * draw.uniform(-1, 1) for _ in range(round(seconds * RATE))]


def brown_noise(seconds: float = 3.0) -> list[float]:
    """Noise with nearly all of its power in the bass, as speech has."""
    level, wave = 0.0, []
    for step in white_noise(seconds):
        level = 0.95 * level + step
        wave.append(0.3 * level)
    return wave


def stuck(wave: list[float], sound: float) -> list[float]:
    """The first half of a wave, whose last `sound` seconds then go on to its end."""
    half = wave[: len(wave) // 2]
    last = half[-round(sound * RATE) :]
    return (half + last * (len(wave) // len(last)))[: len(wave)]
