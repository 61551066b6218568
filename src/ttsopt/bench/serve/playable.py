"""Sound in what a server sent, and how much of it could be played when.

WAV and raw PCM are read here, bit by bit as a player would; MP3, Ogg, FLAC and other forms of WAV by soundfile,
where it is installed.
"""

from __future__ import annotations

import importlib
import io
import struct
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ttsopt.bench.outputs.samples import Values
from ttsopt.domain.serving import RequestTemplate

FORMATS = {(1, 16): "s16le", (3, 32): "f32le"}
WIDTHS = {"s16le": 2, "f32le": 4}
EXTENSIBLE = 0xFFFE
# What streaming servers write where the length is not known yet: nothing, or as much as there may be.
UNKNOWN_LENGTHS = frozenset({0, 0x7FFFFFFF, 0x7FFFF000, 0xFFFFFFFF})
NEARLY = 0xFFFFFF00  # and what is left of that less the header
COMPRESSED = (b"OggS", b"fLaC", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")
MOST_CHANNELS, RATES = 8, range(1000, 400_000)
MOST_SECONDS = 3600.0
MOST_TRIES = (
    64  # prefixes of a compressed stream that are decoded to find the first that can be played
)
Arrivals = Sequence[tuple[float, int]]


class NoSoundError(ValueError):
    """A word for what is wrong with an answer, and a sentence."""

    def __init__(self, kind: str, words: str) -> None:
        self.kind, self.words = kind, words
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class Form:
    """PCM from byte `start` on; `declared` is how many bytes of it there should be, None where nobody says."""

    rate: int
    channels: int
    kind: str
    start: int = 0
    declared: int | None = None

    @property
    def frame(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * WIDTHS[self.kind]


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples (of several channels the mean), their rate in Hz, and (when, seconds of sound that came then)."""

    samples: Values
    rate: int
    chunks: tuple[tuple[float, float], ...]

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / self.rate


def find_sound(body: bytes, arrivals: Arrivals, template: RequestTemplate) -> Sound:
    """Return the sound of a whole answer.

    Raises:
        NoSoundError: `empty`, `truncated` or `not-audio`.
    """
    if not body:
        raise NoSoundError("empty", "an answer without a byte")
    if body[:4] == b"RIFF":
        form = wav_form(body)
        return _pcm(body, arrivals, form) if form.kind else _decoded(body, arrivals)
    if body.startswith(COMPRESSED):
        return _decoded(body, arrivals)
    if not template.sample_rate:
        words = f"it begins with {body[:16]!r}, which is no sound that is known; raw PCM needs sample_rate"
        raise NoSoundError("not-audio", words)
    return _pcm(body, arrivals, Form(template.sample_rate, 1, template.pcm))


def wav_form(body: bytes) -> Form:
    """Read the header of a WAV file; `kind` is empty of a form that is not read here.

    Raises:
        NoSoundError: It ends before the sound begins, or makes no sense.
    """
    at, form = 12, Form(0, 0, "")
    if not b"WAVE".startswith(body[8:12]):
        raise NoSoundError("not-audio", "RIFF that is no WAVE")
    while at + 8 <= len(body):
        name, size = struct.unpack_from("<4sI", body, at)
        if name == b"fmt ":
            form = _format(body[at + 8 : at + 8 + min(size, 64)])
        if name == b"data":
            if not form.rate:
                raise NoSoundError("not-audio", "WAV with data before its format")
            known = None if size in UNKNOWN_LENGTHS or size >= NEARLY else size
            return Form(form.rate, form.channels, form.kind, at + 8, known)
        at += 8 + size + size % 2
    raise NoSoundError("truncated", f"WAV that ends within its header, after {len(body)} bytes")


def _format(chunk: bytes) -> Form:
    if len(chunk) < 16:  # noqa: PLR2004
        raise NoSoundError("truncated", "WAV that ends within its format")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == EXTENSIBLE and len(chunk) >= 26:  # noqa: PLR2004
        (tag,) = struct.unpack_from("<H", chunk, 24)
    if not (1 <= channels <= MOST_CHANNELS and rate in RATES):
        raise NoSoundError("not-audio", f"WAV of {channels} channels at {rate} Hz")
    return Form(rate, channels, FORMATS.get((tag, bits), ""))


def _pcm(body: bytes, arrivals: Arrivals, form: Form) -> Sound:
    came = len(body) - form.start
    if form.declared is not None and came < form.declared:
        words = f"WAV with {came} of {form.declared} bytes of sound"
        raise NoSoundError("truncated", words)
    end = form.start + (came if form.declared is None else form.declared)
    data = body[form.start : end - (end - form.start) % form.frame]
    if not data:
        raise NoSoundError("empty", "a header without sound")
    samples = _mono(_values(data, form.kind), form.channels)
    steps = [(when, max(0, min(total, end) - form.start) // form.frame) for when, total in arrivals]
    return Sound(samples, form.rate, _chunks(steps, form.rate))


def _values(data: bytes, kind: str) -> Values:
    values: Values = array("f", data) if kind == "f32le" else array("h", data)
    if sys.byteorder == "big":
        values.byteswap()
    return values if kind == "f32le" else array("f", [value / 32768 for value in values])


def _mono(values: Values, channels: int) -> Values:
    if channels == 1:
        return values
    parts = [values[channel::channels] for channel in range(channels)]
    return array("f", [sum(row) / channels for row in zip(*parts, strict=True)])


def _chunks(steps: Sequence[tuple[float, int]], rate: int) -> tuple[tuple[float, float], ...]:
    """From (when, samples there by then) to (when, seconds that came then), without what brought none."""
    rows: list[tuple[float, float]] = []
    before = 0
    for when, there in steps:
        if there > before:
            rows.append((when, (there - before) / rate))
            before = there
    return tuple(rows)


# ---- compressed ----


def _decoded(body: bytes, arrivals: Arrivals) -> Sound:
    """Decode by soundfile. Bytes that came after the first that can be played stand for time as they are many."""
    samples, rate = _decode(body)
    if not samples:
        raise NoSoundError("empty", "compressed sound without a sample")
    first = _first_playable(body, arrivals)
    steps = [(when, len(samples) * total // len(body)) for when, total in arrivals[first:]]
    return Sound(samples, rate, _chunks(steps, rate))


def _first_playable(body: bytes, arrivals: Arrivals) -> int:
    """Return the number of the first arrival with which a sample can be decoded."""
    for number, (_, total) in enumerate(arrivals[:MOST_TRIES]):
        try:
            if _decode(body[:total], 1)[0]:
                return number
        except NoSoundError:
            continue
    return len(arrivals) - 1


def _decode(body: bytes, frames: int = -1) -> tuple[Values, int]:
    soundfile = _soundfile()
    try:
        with soundfile.SoundFile(io.BytesIO(body)) as file:
            if file.samplerate not in RATES or file.channels > MOST_CHANNELS:
                raise NoSoundError("not-audio", "compressed sound of an odd rate")
            most = frames if frames > 0 else int(MOST_SECONDS * file.samplerate)
            rows = file.read(most, dtype="float32", always_2d=True)
            return array("f", rows.mean(axis=1, dtype="float32").tobytes()), int(file.samplerate)
    except (soundfile.SoundFileError, OverflowError, MemoryError) as error:
        raise NoSoundError("not-audio", f"soundfile cannot read it: {error}") from error


def _soundfile() -> Any:
    try:
        return importlib.import_module("soundfile")
    except (ImportError, OSError) as error:  # OSError: without libsndfile
        words = (
            'compressed sound needs soundfile: pip install soundfile, or ask the server for "wav"'
        )
        raise NoSoundError("not-audio", words) from error
