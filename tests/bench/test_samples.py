"""Arrays that a worker leaves on disk, read without trust."""

from __future__ import annotations

import math
import struct
import wave
from array import array
from pathlib import Path

import pytest
from bench_fakes import npy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ttsopt.bench.outputs.samples import read_npy, write_wav
from ttsopt.errors import CannotRunError

FLOATS = st.lists(st.floats(width=32, allow_nan=False), max_size=50)
SAME_FOLDER = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def with_header(text: str, body: bytes = b"", version: int = 1) -> bytes:
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text.encode() + body


def read(folder: Path, content: bytes) -> array[float] | array[int]:
    file = folder / "out.npy"
    file.write_bytes(content)
    return read_npy(file)


@SAME_FOLDER
@given(FLOATS)
def test_float32_comes_back_bit_for_bit(tmp_path: Path, values: list[float]) -> None:
    assert read(tmp_path, npy(values)).tobytes() == array("f", values).tobytes()


@SAME_FOLDER
@given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=50))
def test_int32_comes_back(tmp_path: Path, values: list[int]) -> None:
    assert read(tmp_path, npy(values, "i")).tolist() == values


@SAME_FOLDER
@given(st.binary(max_size=200))
def test_whatever_else_is_there_is_an_error_of_ours(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CannotRunError) as caught:
        read(tmp_path, b"\x93NUMPY\x01\x00" + content)
    assert caught.value.code == "bad-output"


@pytest.mark.parametrize("version", [2, 3])
def test_newer_headers_are_read(tmp_path: Path, version: int) -> None:
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n"
    content = with_header(text, struct.pack("<f", 0.5), version)
    assert read(tmp_path, content).tolist() == [0.5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (with_header("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", b"\x80"), "'|O'"),
        (with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", b"0" * 8), "<f8"),
        (with_header("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", b"0" * 4), ">f4"),
        (with_header("{'descr': '<f4', 'shape': (1, 2)}", b"0" * 8), "one dimension"),
        (with_header("{'descr': '<f4', 'shape': (3,)}", b"0" * 8), "8 bytes of data for 3"),
        (with_header("[1]"), "no dictionary"),
        (with_header("__import__('os').getcwd()"), "malformed"),
        (b"RIFF", "no .npy file"),
        (b"", "no .npy file"),
    ],
)
def test_other_content_is_refused_by_name(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(CannotRunError, match=None) as caught:
        read(tmp_path, content)
    assert words in caught.value.message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match=r"gone\.npy of a worker cannot be read"):
        read_npy(tmp_path / "gone.npy")


def test_wav_is_16_bit_pcm_and_clips(tmp_path: Path) -> None:
    file = tmp_path / "out.wav"
    write_wav(file, array("f", [0.0, 1.0, -1.0, 2.0, -math.inf, math.nan, 0.5]), 24000)
    with wave.open(str(file)) as sound:
        frames = struct.unpack("<7h", sound.readframes(7))
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (24000, 1, 2)
    assert frames == (0, 32767, -32767, 32767, 0, 0, 16384)
