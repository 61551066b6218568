"""Phones to acoustic frames: targets per phone, then a flow from noise to a smooth track."""

from __future__ import annotations

import random
from operator import mul
from typing import NamedTuple

from sample_tts.audio import FRAME, SAMPLE_RATE
from sample_tts.frontend import Phone
from sample_tts.phones import NEUTRAL, PHONES, VOWELS, Segment
from sample_tts.speaker import SpeakerEmbedding

NFE_STEP = 32  # function evaluations of the flow

FRAMES_PER_SECOND = SAMPLE_RATE / FRAME
PULL = 0.7  # share of the target, beside the neighbours, in what the field points to


class Channel(NamedTuple):
    """One of the tracks of a frame."""

    name: str
    reach: int  # frames to each side that it is smoothed over
    noise: float  # standard deviation where the flow starts


CHANNELS = (
    Channel("pitch", 10, 6.0),
    Channel("f1", 6, 40.0),
    Channel("f2", 6, 80.0),
    Channel("f3", 6, 80.0),
    Channel("voice", 2, 0.02),
    Channel("breath", 2, 0.01),
    Channel("hiss", 1, 0.01),
    Channel("centre", 1, 80.0),
    Channel("width", 1, 40.0),
)


def targets(phones: list[Phone], speaker: SpeakerEmbedding, mark: str) -> list[list[float]]:
    """What each channel should reach, a list of frames for each of `CHANNELS`."""
    segments = _with_silent_ends(
        [segment for n in range(len(phones)) for segment in _segments(phones, n)]
    )
    frames = [
        (segment, stressed)
        for segment, stressed in segments
        for _ in range(max(1, round(segment.seconds * FRAMES_PER_SECOND)))
    ]
    melody = _melody([stressed for _, stressed in frames], speaker, mark)
    rows = (_row(pitch, segment, speaker) for pitch, (segment, _) in zip(melody, frames))
    return [list(track) for track in zip(*rows)]


def _row(pitch: float, segment: Segment, speaker: SpeakerEmbedding) -> tuple[float, ...]:
    """One frame, in the order of `CHANNELS`: the speaker scales formants and adds breath."""
    formants = (segment.f1 * speaker.tract, segment.f2 * speaker.tract, segment.f3 * speaker.tract)
    breath = segment.breath + 0.3 * speaker.breath * segment.voice
    noise = (segment.hiss, segment.centre, segment.width)
    return (pitch, *formants, segment.voice, breath, *noise)


def _segments(phones: list[Phone], index: int) -> list[tuple[Segment, bool]]:
    """The segments of a phone, longer under stress and at the end of the fragment."""
    phone = phones[index]
    stretch = 1.0
    if phone.name in VOWELS:
        stretch = 1.15 if phone.stressed else 0.85
        if all(later.name not in VOWELS for later in phones[index + 1 :]):
            stretch *= 1.35
    return [(s._replace(seconds=stretch * s.seconds), phone.stressed) for s in PHONES[phone.name]]


def _with_silent_ends(segments: list[tuple[Segment, bool]]) -> list[tuple[Segment, bool]]:
    """Room for the sound to start from nothing and to die away."""
    onset = segments[0][0]._replace(seconds=0.012, voice=0.0, breath=0.0, hiss=0.0)
    release = segments[-1][0]._replace(seconds=0.030, voice=0.0, breath=0.0, hiss=0.0)
    return [(onset, False), *segments, (release, False)]


def _melody(stressed: list[bool], speaker: SpeakerEmbedding, mark: str) -> list[float]:
    """Pitch falls over the fragment, rises on accents, and ends as the mark says."""
    length = len(stressed)
    tail = {"?": 0.9, ",": 0.35}.get(mark, -0.35)
    melody = []
    for n, accent in enumerate(stressed):
        place = n / length
        bend = 0.25 - 0.5 * place + (0.5 if accent else 0.0) + tail * max(0.0, place - 0.75) * 4
        melody.append(speaker.pitch * (1.0 + speaker.pitch_range * bend))
    return melody


def refine(target: list[list[float]], seed: int, nfe_step: int = NFE_STEP) -> list[list[float]]:
    """Solve x' = velocity(x, t) from noise at t = 0 to speech at t = 1 with Euler's method.

    As in a flow-matching model the result nears its limit with the number of steps: with few of
    them the formants stay closer to a neutral vowel.
    """
    # Hot spot: one evaluation of the field per step, 32 by default, as F5-TTS does.
    if nfe_step < 1:
        raise ValueError(f"nfe_step is {nfe_step}: at least one evaluation is needed")
    x = _noise(target, random.Random(seed))
    for step in range(nfe_step):
        slope = velocity(x, target, step / nfe_step)
        for track, rise in zip(x, slope):
            track[:] = [value + change / nfe_step for value, change in zip(track, rise)]
    return x


def velocity(x: list[list[float]], target: list[list[float]], t: float) -> list[list[float]]:
    """The field: towards the smoothed mixture of target and present track, there at t = 1."""
    rate = 1.0 / (1.0 - t)
    field = []
    for channel, track, goal in zip(CHANNELS, x, target):
        mixed = [PULL * a + (1.0 - PULL) * b for a, b in zip(goal, track)]
        smooth = _smooth(mixed, channel.reach)
        field.append([(a - b) * rate for a, b in zip(smooth, track)])
    return field


def _smooth(track: list[float], reach: int) -> list[float]:
    """A triangular average over the neighbours; the ends are held."""
    kernel = [float(reach + 1 - abs(n)) / (reach + 1) ** 2 for n in range(-reach, reach + 1)]
    held = [track[0]] * reach + track + [track[-1]] * reach
    width = len(kernel)
    return [sum(map(mul, kernel, held[n : n + width])) for n in range(len(track))]


def _noise(target: list[list[float]], generator: random.Random) -> list[list[float]]:
    """Where the flow starts: a neutral, silent vowel at mean pitch, and noise about it."""
    length = len(target[0])
    pitch = sum(target[0]) / length
    rest = (pitch, NEUTRAL.f1, NEUTRAL.f2, NEUTRAL.f3, 0.0, 0.0, 0.0, NEUTRAL.centre, NEUTRAL.width)
    return [
        [level + generator.gauss(0.0, channel.noise) for _ in range(length)]
        for channel, level in zip(CHANNELS, rest)
    ]
