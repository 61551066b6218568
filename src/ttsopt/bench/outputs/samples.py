"""Arrays on disk: the `.npy` files that a worker leaves, and WAV files to listen to."""

from __future__ import annotations

import hashlib
import math
import struct
import sys
import wave
from array import array
from pathlib import Path
from typing import TypeAlias

from ttsopt.boundary.parsing import python_literal
from ttsopt.boundary.reading import OUTPUT, read_bytes
from ttsopt.errors import CannotRunError

Values: TypeAlias = "array[float] | array[int]"

MAGIC = b"\x93NUMPY"
LONGEST = 10_000  # as numpy reads them from files that it does not trust
TYPES = {"<f4": "f", "<i4": "i"}
FULL_SCALE = 32767


def read_npy(path: Path) -> Values:
    """A 1-D array of float32 ("f") or int32 ("i"), little-endian in the file.

    Format: numpy.lib.format (NEP 1), versions 1 to 3. CannotRunError `bad-output` for everything
    else, such as pickled objects: the file comes from code that is not trusted.
    """
    try:
        return _parse(_content(path))
    except (ValueError, SyntaxError, struct.error) as error:
        raise _bad_output(path, str(error)) from error


def write_npy(path: Path, samples: Values) -> None:
    """Write what `read_npy` reads."""
    kind = {typecode: name for name, typecode in TYPES.items()}[samples.typecode]
    header = str({"descr": kind, "fortran_order": False, "shape": (len(samples),)})
    start = len(MAGIC) + 4
    padded = header.ljust(-(start + len(header) + 1) % 64 + len(header)) + "\n"
    values = array(samples.typecode, samples)
    if sys.byteorder == "big":
        values.byteswap()
    content = MAGIC + struct.pack("<BBH", 1, 0, len(padded)) + padded.encode("latin-1")
    path.write_bytes(content + values.tobytes())


def digest(path: Path) -> str:
    """Return the SHA-256 of an output, in hex; CannotRunError `bad-output` where it cannot be read."""
    return hashlib.sha256(_content(path)).hexdigest()


def pad(a: Values, b: Values) -> tuple[Values, Values]:
    """Return both with the length of the longer one: where the shorter wave has ended there is silence."""
    length = max(len(a), len(b))
    return _with_silence(a, length - len(a)), _with_silence(b, length - len(b))


def write_wav(path: Path, samples: Values, sample_rate: int) -> None:
    """16-bit PCM, one channel; what is beyond -1 to 1 is clipped, what is not finite becomes 0."""
    clipped = (max(-1.0, min(1.0, row)) if math.isfinite(row) else 0.0 for row in samples)
    frames = array("h", [round(row * FULL_SCALE) for row in clipped])
    if sys.byteorder == "big":
        frames.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(frames.itemsize)
        file.setframerate(sample_rate)
        file.writeframes(frames.tobytes())


def _with_silence(wave: Values, missing: int) -> Values:
    if not missing:
        return wave
    longer = array(wave.typecode, wave)
    longer.frombytes(bytes(missing * wave.itemsize))
    return longer


def _content(path: Path) -> bytes:
    try:
        return read_bytes(path, OUTPUT, follow=False)
    except OSError as error:
        raise _bad_output(path, f"cannot be read: {error.strerror}") from error


def _parse(content: bytes) -> Values:
    header, start = _header(content)
    kind, shape = header.get("descr"), header.get("shape")
    if not isinstance(kind, str) or kind not in TYPES:
        raise ValueError(f"holds {kind!r}; float32 or int32 ({', '.join(TYPES)}) was expected")
    if not isinstance(shape, tuple) or len(shape) != 1 or not isinstance(shape[0], int):
        raise ValueError(f"has the shape {shape!r}; one dimension was expected")
    values = array(TYPES[kind])
    if len(content) - start != shape[0] * values.itemsize:
        raise ValueError(f"holds {len(content) - start} bytes of data for {shape[0]} values")
    values.frombytes(content[start:])
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _header(content: bytes) -> tuple[dict[object, object], int]:
    """The header, and where the data starts."""
    version = content[len(MAGIC)] if len(content) > len(MAGIC) else 0
    if not content.startswith(MAGIC) or version not in (1, 2, 3):
        raise ValueError("is no .npy file of a known version")
    size_format = "<H" if version == 1 else "<I"
    at = len(MAGIC) + 2
    (size,) = struct.unpack_from(size_format, content, at)
    if size > LONGEST:
        raise ValueError(f"has a header of {size} bytes, which is too long to be one")
    start = at + struct.calcsize(size_format) + size
    text = content[start - size : start].decode("utf-8" if version == 3 else "latin-1")  # noqa: PLR2004
    header = python_literal(text.strip())
    if not isinstance(header, dict):
        raise ValueError("has a header that is no dictionary")  # noqa: TRY004 - one family for a bad file
    return header, start


def _bad_output(path: Path, what: str) -> CannotRunError:
    return CannotRunError(
        "bad-output",
        f"the output {path.name} of a worker {what}",
        "a defect of the workload or of ttsopt: report it with this message",
    )
