"""Acoustic frames to samples: glottal pulses and noise through the resonances of a vocal tract.

The source is the KLGLOTT88 pulse of Klatt and Klatt, JASA 87 (1990); the resonators are those of
Klatt, JASA 67 (1980).
"""

from __future__ import annotations

import math
import random
from operator import mul
from typing import Iterable, Sequence

from sample_tts.audio import FRAME, SAMPLE_RATE

BANDS, TAPS = 36, 97  # of the noise filter
BANDWIDTHS = (70.0, 100.0, 150.0, 250.0, 300.0)
UPPER_FORMANTS = (3500.0, 4500.0)
OPEN_QUOTIENT = 0.6  # share of a period in which the vocal folds are apart
OUTPUT_GAIN = 0.38
HISS_GAIN = 0.04


class Glottis:
    """Derivative of the air flow through the vocal folds, with the phase kept between frames."""

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator
        self._phase = 0.0
        self._jitter = 1.0
        self._tilt = 0.0

    def pulses(self, pitch: float, amount: int) -> list[float]:
        """The next samples at a pitch in Hz."""
        phase, tilt, jitter = self._phase, self._tilt, self._jitter
        pulses = []
        for _ in range(amount):
            phase += pitch * jitter / SAMPLE_RATE
            if phase >= 1.0:
                phase -= 1.0
                jitter = 1.0 + self._generator.gauss(0.0, 0.006)
            place = phase / OPEN_QUOTIENT
            flow = place * (2.0 - 3.0 * place) if place < 1.0 else 0.0
            tilt = 0.55 * tilt + 0.45 * flow
            pulses.append(tilt)
        self._phase, self._tilt, self._jitter = phase, tilt, jitter
        return pulses


class Resonator:
    """A second-order resonance with unit gain at 0 Hz; it rings on between frames."""

    def __init__(self, bandwidth: float) -> None:
        self._bandwidth = bandwidth
        self._last = self._before = 0.0

    def resonate(self, samples: Iterable[float], hertz: float) -> list[float]:
        """Filter the next samples with the resonance at `hertz`."""
        radius = math.exp(-math.pi * self._bandwidth / SAMPLE_RATE)
        b = 2.0 * radius * math.cos(2.0 * math.pi * hertz / SAMPLE_RATE)
        c = -radius * radius
        a = 1.0 - b - c
        last, before = self._last, self._before
        out = []
        for x in samples:
            last, before = a * x + b * last + c * before, last
            out.append(last)
        self._last, self._before = last, before
        return out


def weight_norm(directions: Sequence[Sequence[float]], gains: Sequence[float]) -> list[list[float]]:
    """Rows of w = g v / ||v|| (Salimans and Kingma, arXiv 1602.07868)."""
    rows = []
    for v, g in zip(directions, gains):
        norm = math.sqrt(sum(x * x for x in v))
        rows.append([g * x / norm for x in v])
    return rows


class NormedBank:
    """A layer of band-pass kernels that is stored as in training: directions v and gains g."""

    def __init__(self, directions: Sequence[Sequence[float]], gains: Sequence[float]) -> None:
        self.directions = directions
        self.gains = gains

    def __call__(self, levels: Sequence[float]) -> list[float]:
        """One kernel: the bands, each at its level. `levels` holds `BANDS` values."""
        # Hot spot: the norm is computed again in every call and never folded into the weight, as
        # with the vocoders of CosyVoice and GPT-SoVITS.
        weight = weight_norm(self.directions, self.gains)
        return [sum(map(mul, levels, column)) for column in zip(*weight)]


class Vocoder:
    """Turns frames into samples. The layers are shared; what rings on belongs to one call."""

    def __init__(self) -> None:
        self.noise_bank = NormedBank(band_directions(), [1.0] * BANDS)

    def synthesise(self, frames: Sequence[Sequence[float]], seed: int) -> list[float]:
        """Samples at `SAMPLE_RATE`, `FRAME` of them per frame. Tracks as in `acoustic.CHANNELS`."""
        generator = random.Random(seed)
        glottis = Glottis(generator)
        tract = [Resonator(bandwidth) for bandwidth in BANDWIDTHS]
        hiss = [0.0] * (TAPS - 1)
        voice_before = 0.0
        samples: list[float] = []
        for pitch, f1, f2, f3, voice, breath, level, centre, width in zip(*frames):
            noise = [generator.uniform(-1.0, 1.0) for _ in range(FRAME)]
            ramp = (voice - voice_before) / FRAME
            sound: list[float] = [
                (voice_before + ramp * n) * pulse + 0.5 * breath * wind
                for n, (pulse, wind) in enumerate(zip(glottis.pulses(pitch, FRAME), noise))
            ]
            for resonator, hertz in zip(tract, (f1, f2, f3, *UPPER_FORMANTS)):
                sound = resonator.resonate(sound, hertz)
            kernel = self.noise_bank(band_levels(max(0.0, level), centre, width))
            hiss += noise
            samples += [
                OUTPUT_GAIN * tone + sum(map(mul, kernel, hiss[n : n + TAPS]))
                for n, tone in enumerate(sound)
            ]
            del hiss[:FRAME]
            voice_before = voice
        return samples


def band_centre(band: int) -> float:
    """The middle of a band of the noise filter, in Hz."""
    return (band + 0.5) * SAMPLE_RATE / 2 / BANDS


def band_levels(level: float, centre: float, width: float) -> list[float]:
    """How strong each band is: a bell about `centre`, as wide as `width`, in Hz."""
    return [
        HISS_GAIN * level * math.exp(-0.5 * ((band_centre(band) - centre) / width) ** 2)
        for band in range(BANDS)
    ]


def band_directions() -> list[list[float]]:
    """Kernels of `TAPS` samples, one a band: cosines under a Hann window."""
    middle = TAPS // 2
    window = [0.5 + 0.5 * math.cos(math.pi * n / (middle + 1)) for n in range(-middle, middle + 1)]
    return [
        [
            w * math.cos(2 * math.pi * band_centre(band) * n / SAMPLE_RATE)
            for n, w in enumerate(window, start=-middle)
        ]
        for band in range(BANDS)
    ]
