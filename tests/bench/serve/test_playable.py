"""Sound in what a server sent: headers, truncation, when it could be played first."""

from __future__ import annotations

import io
import struct
from array import array

import pytest
from speech_server import RATE, endless, tone, wav

from ttsopt.bench.serve.playable import NoSoundError, Sound, find_sound
from ttsopt.domain.serving import RequestTemplate

PLAIN = RequestTemplate()


def found(body: bytes, *cuts: int, template: RequestTemplate = PLAIN) -> Sound:
    """The sound of a body of which bytes came up to each cut at 1 s, 2 s, ..., and the rest after that."""
    arrivals = [(float(at), total) for at, total in enumerate((*cuts, len(body)), 1)]
    return find_sound(body, arrivals, template)


def chunk(name: bytes, data: bytes, size: int | None = None) -> bytes:
    return struct.pack("<4sI", name, len(data) if size is None else size) + data


def riff(*chunks: bytes) -> bytes:
    return b"RIFF\0\0\0\0WAVE" + b"".join(chunks)


def test_a_header_alone_is_nothing_to_hear() -> None:
    sound = found(wav(tone(0.5)), 44, 45, 46, 44 + 1600)
    assert [when for when, _ in sound.chunks] == [3.0, 4.0, 5.0]
    assert sound.chunks[0][1] == 1 / RATE
    assert sound.seconds == sum(seconds for _, seconds in sound.chunks) == 0.5


@pytest.mark.parametrize("size", [0, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF - 44])
def test_a_stream_need_not_know_its_length(size: int) -> None:
    header = endless()[:-4] + struct.pack("<I", size)
    assert found(header + tone(0.25)).seconds == 0.25


def test_chunks_before_the_sound_and_behind_it_are_none_of_it() -> None:
    form = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    odd = chunk(b"LIST", b"abc") + b"\0"
    body = riff(chunk(b"fmt ", form), odd, chunk(b"data", tone(0.25)), chunk(b"id3 ", b"x" * 999))
    assert found(body).seconds == 0.25


def test_channels_and_floats() -> None:
    form = struct.pack("<HHIIHH", 3, 2, RATE, 8 * RATE, 8, 32)
    samples = array("f", [0.5, 0.25] * 100)
    sound = found(riff(chunk(b"fmt ", form), chunk(b"data", samples.tobytes())))
    assert list(sound.samples) == [0.375] * 100


def test_raw_pcm_is_what_the_template_says() -> None:
    floats = RequestTemplate(sample_rate=RATE, pcm="f32le")
    assert found(tone(0.5), template=RequestTemplate(sample_rate=RATE)).seconds == 0.5
    assert found(array("f", [0.5] * 80).tobytes(), template=floats).seconds == 0.01


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (wav(tone(0.5))[:-1], "truncated"),
        (wav(tone(0.5))[:30], "truncated"),
        (wav(tone(0.5))[:10], "truncated"),
        (wav(b""), "empty"),
        (b"RIFF\0\0\0\0AVI LIST", "not-audio"),
        (riff(chunk(b"data", b"1234")), "not-audio"),
        (
            riff(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 99, 1, 1, 1, 16)), b"data\4\0\0\0abcd"),
            "not-audio",
        ),
        (riff(chunk(b"fmt ", b"", 0xFFFFFFF0)), "truncated"),
        (b'{"detail": "no"}', "not-audio"),
        (b"OggS" + b"\0" * 100, "not-audio"),
    ],
)
def test_what_is_no_sound_has_a_word(body: bytes, kind: str) -> None:
    with pytest.raises(NoSoundError) as error:
        found(body)
    assert error.value.kind == kind


def test_compressed_sound_is_decoded_where_soundfile_is_there() -> None:
    soundfile = pytest.importorskip("soundfile")
    made = io.BytesIO()
    samples = [value / 32768 for value in array("h", tone(1.0))]
    soundfile.write(made, samples, RATE, format="OGG", subtype="VORBIS")
    body = made.getvalue()
    sound = found(body, 20, len(body) - 50)
    assert sound.rate == RATE
    assert sound.seconds == pytest.approx(1.0, abs=0.05)
    assert sound.chunks[0][0] > 1.0  # of 20 bytes nothing can be played
