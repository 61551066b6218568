"""How far two waves are apart for the ear: the log-mel distance, in plain Python.

The mel spectrogram is that of `librosa.feature.melspectrogram` without centring: power, 80 bands from 0 Hz to
half the sample rate, Slaney's scale and area norm (Slaney, Auditory Toolbox, Interval Research TR 1998-010), Hann
window. Frames of n_fft samples, the power of two at or above 40 ms (1024 at 16 to 24 kHz), start every n_fft / 2;
the last is filled up with zeros. In decibels nothing is lower than 80 dB below the loudest band of either wave
(`librosa.power_to_db`: top_db).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import add, itemgetter, mul, sub
from typing import TypeAlias

from ttsopt.bench.outputs.samples import Values, pad

BANDS = 80
FRAME_SECONDS = 0.04
STRETCH_SECONDS = 0.25
RANGE_DB = 80.0
# Slaney's scale: linear up to 1000 Hz (15 mel), then 27 mel for each factor of 6.4.
LINEAR_HZ, HZ_PER_MEL, LOG_STEP = 1000.0, 200.0 / 3, math.log(6.4) / 27

Frames: TypeAlias = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class MelDistance:
    """Mean absolute difference over bands, in dB: over all frames, and over the worst quarter of a second."""

    mean_db: float
    worst_db: float


def mel_distance(before: Values, after: Values, rate: int) -> MelDistance:
    """Return how far two finite waves of `rate` Hz are apart; beyond the end of the shorter one is silence."""
    first, second = (list(mel_frames(wave, rate)) for wave in pad(before, after))
    return frames_distance(first, second, rate)


def frames_distance(before: Frames, after: Frames, rate: int) -> MelDistance:
    """Return how far two waves of one length are apart, from their `mel_frames`, one or more."""
    loudest = max(max(row) for rows in (before, after) for row in rows)
    if loudest == 0:
        return MelDistance(0.0, 0.0)
    floor = loudest * 10 ** (-RANGE_DB / 10)
    distances = [_distance(a, b, floor) for a, b in zip(before, after, strict=True)]
    return MelDistance(math.fsum(distances) / len(distances), _worst(distances, rate))


def _distance(a: Sequence[float], b: Sequence[float], floor: float) -> float:
    ratios = (max(x, floor) / max(y, floor) for x, y in zip(a, b, strict=True))
    return 10 * sum(abs(math.log10(ratio)) for ratio in ratios) / BANDS


def _worst(distances: list[float], rate: int) -> float:
    """The largest mean over neighbouring frames of a quarter of a second, or of all where it is shorter."""
    hop_seconds = frame_size(rate) / 2 / rate
    count = min(len(distances), max(1, round(STRETCH_SECONDS / hop_seconds)))
    starts = range(len(distances) - count + 1)
    return max(math.fsum(distances[i : i + count]) for i in starts) / count


def mel_frames(samples: Values, rate: int) -> Iterator[list[float]]:
    """The power in each mel band, frame by frame."""
    transform, filters = _transform(frame_size(rate)), mel_filters(rate)
    for power in _power_frames(samples, transform):
        yield [sum(map(mul, weights, power[start:])) for start, weights in filters]


def frame_size(rate: int) -> int:
    """n_fft: the power of two at or above 40 ms."""
    return 1 << max(2, math.ceil(math.log2(rate * FRAME_SECONDS)))


@cache
def mel_filters(rate: int) -> tuple[tuple[int, tuple[float, ...]], ...]:
    """Per band the first bin of the FFT that it weights, and the weights from there."""
    size = frame_size(rate)
    step = _mel(rate / 2) / (BANDS + 1)
    edges = [_hertz(step * i) for i in range(BANDS + 2)]
    return tuple(
        _triangle(low, centre, high, rate / size)
        for low, centre, high in zip(edges, edges[1:], edges[2:], strict=False)
    )


def _triangle(
    low: float, centre: float, high: float, bin_hertz: float
) -> tuple[int, tuple[float, ...]]:
    """A triangle of area 1 Hz over the bins strictly inside of it."""
    first, last = math.floor(low / bin_hertz) + 1, math.ceil(high / bin_hertz) - 1
    rows = (bin_hertz * i for i in range(first, last + 1))
    heights = (min((f - low) / (centre - low), (high - f) / (high - centre)) for f in rows)
    return first, tuple(2 / (high - low) * height for height in heights)


def _mel(hertz: float) -> float:
    if hertz < LINEAR_HZ:
        return hertz / HZ_PER_MEL
    return LINEAR_HZ / HZ_PER_MEL + math.log(hertz / LINEAR_HZ) / LOG_STEP


def _hertz(mel: float) -> float:
    above = mel - LINEAR_HZ / HZ_PER_MEL
    return mel * HZ_PER_MEL if above < 0 else LINEAR_HZ * math.exp(above * LOG_STEP)


class _Transform:
    """Tables that the power spectrum of `size` real samples needs, computed once.

    They are read as size / 2 complex numbers, and transformed with Pease's constant geometry (J. ACM 15, 1968), in
    which every stage has the same strides, so that each is a few calls of C code. What the two halves of the real
    spectrum share is then taken apart.
    """

    def __init__(self, size: int) -> None:
        half = size // 2
        stages = half.bit_length() - 1
        turns = [_turn(i, half) for i in range(half // 2)]
        reversed_bits = [int(f"{i:0{stages}b}"[::-1], 2) for i in range(half)]
        self.size = size
        self.window = [0.5 - 0.5 * math.cos(2 * math.pi * i / size) for i in range(size)]
        self._stages = [[turns[i >> s << s] for i in range(half // 2)] for s in range(stages)]
        self._order = itemgetter(*reversed_bits)
        self._mirrored = itemgetter(*(reversed_bits[-i % half] for i in range(half)))
        self._apart = [-1j * _turn(i, size) for i in range(half)]

    def power(self, samples: Sequence[float]) -> list[float]:
        """|X|^2 of the bins 0 to size / 2 of the windowed samples."""
        windowed = list(map(mul, samples, self.window))
        z = list(map(complex, windowed[::2], windowed[1::2]))
        quarter = len(z) // 2
        for turns in self._stages:
            a, b = z[:quarter], z[quarter:]
            z[::2] = map(add, a, b)
            z[1::2] = map(mul, map(sub, a, b), turns)
        spectrum, mirror = self._order(z), list(map(complex.conjugate, self._mirrored(z)))
        odd = map(mul, map(sub, spectrum, mirror), self._apart)
        doubled = list(map(abs, map(add, map(add, spectrum, mirror), odd)))
        nyquist = spectrum[0].real - spectrum[0].imag
        return [*(0.25 * row for row in map(mul, doubled, doubled)), nyquist * nyquist]


def _turn(i: int, size: int) -> complex:
    angle = -2 * math.pi * i / size
    return complex(math.cos(angle), math.sin(angle))


_transform = cache(_Transform)


def _power_frames(samples: Values, transform: _Transform) -> Iterator[list[float]]:
    size, hop = transform.size, transform.size // 2
    for start in range(0, max(1, len(samples) - hop), hop):
        frame = samples[start : start + size]
        yield transform.power([*frame, *[0.0] * (size - len(frame))])
