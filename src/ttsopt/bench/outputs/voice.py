"""Noise in the place of speech, and a voice that is stuck: found in a wave by itself, in plain Python.

Speech has voiced sounds, which repeat at the pitch of the voice, and it never stays as it is: docs/benchmarking.md
has the figures of recordings, from which the limits were taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby
from math import log10, sqrt
from operator import mul, sub

from ttsopt.bench.outputs.defects import Finding
from ttsopt.bench.outputs.mel import Frames, frame_size
from ttsopt.bench.outputs.samples import Values

# Voicing: at a rate near 4 kHz, by 40 ms, over the periods of a voice (67 to 400 Hz), where it is loud.
RATE, BLOCK_SECONDS, SHORTEST, LONGEST = 4000, 0.04, 0.0025, 0.015
VOICED, LOUD_SHARE = 0.6, 1e-3  # correlation; power (30 dB below the loudest block)
FEWEST_BLOCKS = 10
VOICED_SHARE, NONE_VOICED = 0.1, 0.02
# Stuck: frames of log-mel that are hardly other than those a pattern earlier. Two windows of the same noise are
# 3 dB apart, sounds of speech more.
SAME_DB, RANGE_DB, LOUD_DB = 2.0, 60.0, 40.0
LONGEST_PATTERN = 64  # frames; 1.4 to 2 s
REPEATS = 3
ABOUT = 0.9  # of periods that cover as much, the shortest is named
STUCK_SECONDS, STUCK_SHARE = 1.0, 0.5


def voice_findings(samples: Values, rate: int, mel: Frames) -> tuple[Finding, ...]:
    """Return the defects of a finite wave of `rate` Hz; `mel` are its frames, as of `mel_frames`."""
    return _noise(samples, rate), _stuck(mel, len(samples) / rate, frame_size(rate) / 2 / rate)


def _noise(samples: Values, rate: int) -> Finding:
    """How much less than a tenth of what is loud has a pitch; nothing of a wave that is too short to tell."""
    blocks = list(_blocks(samples, rate))
    loudest = max((energy for energy, _ in blocks), default=0.0)
    loud = [pitch for energy, pitch in blocks if energy > LOUD_SHARE * loudest]
    voiced = sum(pitch >= VOICED for pitch in loud) / max(1, len(loud))
    amount = VOICED_SHARE / max(voiced, NONE_VOICED) if len(loud) >= FEWEST_BLOCKS else 0.0
    text = f"is noise in the place of speech: {voiced:.0%} of it has a pitch"
    return Finding("noise", amount, 1.0, text)


def _blocks(samples: Values, rate: int) -> Iterator[tuple[float, float]]:
    """For each block its energy, and its largest correlation with what follows within the period of a voice."""
    step = max(1, round(rate / RATE))
    low = [sum(samples[i : i + step]) / step for i in range(0, len(samples) - step + 1, step)]
    # Pre-emphasis: noise with most of its power in the bass is no pitch.
    low = list(map(sub, low[1:], low))
    power = list(accumulate(map(mul, low, low), initial=0.0))
    size, first, last = (max(1, round(rate / step * s)) for s in (BLOCK_SECONDS, SHORTEST, LONGEST))
    for start in range(0, len(low) - size - last, size):
        block = low[start : start + size]
        energy = power[start + size] - power[start]
        pitches = (
            sum(map(mul, block, low[at : at + size]))
            / sqrt(max(energy * (power[at + size] - power[at]), 1e-30))
            for at in range(start + first, start + last + 1)
        )
        yield energy, max(pitches)


def _stuck(mel: Frames, whole: float, hop: float) -> Finding:
    """The longest stretch that holds one sound, or goes round in a pattern of at most 64 frames."""
    frames, loud = _decibels(mel)
    covered = dict(_repeated(frames, loud))
    most = max(covered.values(), default=0)
    period = next((length for length, count in covered.items() if count >= ABOUT * most), 1)
    seconds = min(most * hop, whole)
    limit = min(STUCK_SECONDS, STUCK_SHARE * whole)
    text = f"is stuck: {seconds:.3g} of {whole:.3g} s repeat a sound of {period * hop:.2g} s"
    return Finding("stuck", seconds / limit if limit else 0.0, 1.0, text)


def _decibels(mel: Frames) -> tuple[list[list[float]], list[bool]]:
    """Frames in dB, no lower than 60 dB below the loudest band; and which of them are within 40 dB of it."""
    loudest = max((max(frame) for frame in mel), default=0.0)
    if loudest == 0:
        return [], []
    floor = loudest * 10 ** (-RANGE_DB / 10)
    frames = [[10 * log10(max(power, floor)) for power in frame] for frame in mel]
    least = 10 * log10(loudest) - LOUD_DB
    return frames, [max(frame) > least for frame in frames]


def _repeated(frames: Sequence[Sequence[float]], loud: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Each length of pattern that comes three times or more, and how many frames that covers."""
    means = [sum(frame) / len(frame) for frame in frames]
    for period in range(1, min(LONGEST_PATTERN, len(frames) // REPEATS) + 1):
        same = (
            loud[i]
            and loud[i + period]
            and abs(means[i] - means[i + period]) < SAME_DB
            and _distance(frames[i], frames[i + period]) < SAME_DB
            for i in range(len(frames) - period)
        )
        longest = max((len(list(run)) for is_same, run in groupby(same) if is_same), default=0)
        if longest >= (REPEATS - 1) * period:
            yield period, longest + period


def _distance(a: Sequence[float], b: Sequence[float]) -> float:
    total: float = sum(map(abs, map(sub, a, b)))
    return total / len(a)
