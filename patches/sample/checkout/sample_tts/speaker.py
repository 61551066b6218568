"""Who speaks: pitch, its range, vocal tract and breath, read off a reference recording."""

from __future__ import annotations

import math
from operator import mul
from pathlib import Path
from typing import NamedTuple

from sample_tts.audio import SAMPLE_RATE, read_wav

WINDOW = 480  # samples: 30 ms, two periods of the lowest voice
HOP = 240
LOWEST_PITCH, HIGHEST_PITCH = 75.0, 320.0
ORDER = 14  # of the linear prediction
THIRD_FORMANT = 2500.0  # Hz in the vocal tract that the tables of phones.py describe
VOICED = 0.5  # periodicity from which a window counts as voiced


class SpeakerEmbedding(NamedTuple):
    """What the acoustic model is conditioned on."""

    pitch: float  # Hz, the median
    pitch_range: float  # as a share of it
    tract: float  # factor on every formant
    breath: float  # 0..1


class WindowFeatures(NamedTuple):
    """What one window of the recording says."""

    pitch: float
    periodicity: float
    third_formant: float


def embed(path: str | Path) -> SpeakerEmbedding:
    """Analyse a reference recording. Raises ValueError where nobody speaks in it."""
    samples = read_wav(path)
    windows = [
        _analyse(samples[start : start + WINDOW])
        for start in range(0, len(samples) - WINDOW + 1, HOP)
    ]
    voiced = [window for window in windows if window.periodicity > VOICED]
    if not voiced:
        raise ValueError(f"no voice found in {path}")
    pitches = sorted(window.pitch for window in voiced)
    pitch = _median(pitches)
    spread = pitches[len(pitches) * 9 // 10] - pitches[len(pitches) // 10]
    formant = _median(sorted(window.third_formant for window in voiced))
    mean = sum(window.periodicity for window in voiced) / len(voiced)
    return SpeakerEmbedding(
        pitch=pitch,
        pitch_range=min(0.35, max(0.15, spread / pitch)),
        tract=min(1.2, max(0.85, formant / THIRD_FORMANT)),
        breath=min(0.4, max(0.02, 1.0 - mean)),
    )


def _median(ordered: list[float]) -> float:
    return ordered[len(ordered) // 2]


def _analyse(window: list[float]) -> WindowFeatures:
    mean = sum(window) / len(window)
    centred = [x - mean for x in window]
    power = _correlation(centred, 0)
    if power < 1e-3:
        return WindowFeatures(0.0, 0.0, 0.0)
    first, last = int(SAMPLE_RATE / HIGHEST_PITCH), int(SAMPLE_RATE / LOWEST_PITCH)
    # Divided by the number of products, so that long lags are not at a disadvantage.
    scores = [
        _correlation(centred, lag) / power * WINDOW / (WINDOW - lag) for lag in range(first, last)
    ]
    best = max(scores)
    # The shortest lag that is nearly as good: a period, not two of them.
    lag = next(n for n, score in enumerate(scores) if score > 0.9 * best)
    while lag + 1 < len(scores) and scores[lag + 1] > scores[lag]:
        lag += 1
    return WindowFeatures(SAMPLE_RATE / (first + lag), best, _third_formant(centred))


def _correlation(samples: list[float], lag: int) -> float:
    return float(sum(map(mul, samples[lag:], samples)))


def _third_formant(window: list[float]) -> float:
    """Where the prediction's spectrum is strongest between 2.1 and 3.2 kHz."""
    shaped = [
        (b - 0.95 * a) * (0.54 - 0.46 * math.cos(2 * math.pi * n / WINDOW))
        for n, (a, b) in enumerate(zip(window, window[1:]))
    ]
    filter_ = _linear_prediction([_correlation(shaped, lag) for lag in range(ORDER + 1)])
    return float(max(range(2100, 3201, 25), key=lambda hertz: -_response(filter_, hertz)))


def _linear_prediction(r: list[float]) -> list[float]:
    """Levinson-Durbin: the inverse filter from the autocorrelation."""
    filter_, error = [1.0], r[0] * 1.0001
    for order in range(1, len(r)):
        reflection = -sum(filter_[n] * r[order - n] for n in range(order)) / error
        padded = [*filter_, 0.0]
        filter_ = [x + reflection * y for x, y in zip(padded, reversed(padded))]
        error *= 1.0 - reflection * reflection
    return filter_


def _response(filter_: list[float], hertz: float) -> float:
    """Power of the inverse filter at a frequency: smallest at the vocal tract's resonances."""
    angle = 2 * math.pi * hertz / SAMPLE_RATE
    real = sum(x * math.cos(n * angle) for n, x in enumerate(filter_))
    imaginary = sum(x * math.sin(n * angle) for n, x in enumerate(filter_))
    return real * real + imaginary * imaginary
