"""Output of a call: its `.npy` file and the facts about it. Loaded by worker.py."""

from __future__ import annotations

import array
import hashlib
import math
import os
import struct
import sys
from typing import Any, Dict, List

# One step of 16-bit PCM: a wave that varies by less is all one value in a WAV file.
QUIET = 2.0**-15
DTYPES = {"f": "<f4", "i": "<i4"}


class OutputError(ValueError):
    """The value that `speak` returned is not what the interface asks for."""


class Output:
    """Output of one call, read and computed to the end: an array of floats or tokens, and facts about it."""

    def __init__(self, values: array.array[Any], rate: int, seconds: float) -> None:
        self.values, self.rate, self.seconds = values, rate, seconds
        self.counters: Dict[str, float] = {}
        self.chunks: List[List[float]] = []


def materialise(returned: Any) -> Output:
    """Read what a call returned, while the clock runs: samples may compute themselves when they are looked at.

    Raises OutputError where the interface is not kept.
    """
    if not isinstance(returned, dict) or not {"tokens", "samples"} & set(returned):
        raise OutputError("speak must return a dict of samples or tokens, not %.80r" % (returned,))
    output = (_tokens if "tokens" in returned else _samples)(returned)
    counters = returned.get("counters", {})
    output.counters = {name: _finite(name, value) for name, value in counters.items()}
    output.chunks = [
        [_finite("chunks", at), _finite("chunks", samples) / (output.rate or 1)]
        for at, samples in returned.get("chunks", ())
    ]
    return output


def write_output(path: str, output: Output) -> Dict[str, Any]:
    """Write the samples (float32) or tokens (int32) of one call to `path` and describe them.

    Returns `audio_seconds`, `sample_rate` (Hz; 0 for tokens), `sha256` (of the file), `finite`, `silent` (no sound
    or no token), `counters`, `chunks` ([seconds since the call began, seconds of audio]).
    """
    values = output.values
    finite = output.rate == 0 or all(map(math.isfinite, values))
    sound = bool(values) and (output.rate == 0 or not finite or max(values) - min(values) >= QUIET)
    content = npy_bytes(values)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return {
        "audio_seconds": output.seconds,
        "sample_rate": output.rate,
        "finite": finite,
        "silent": not sound,
        "sha256": hashlib.sha256(content).hexdigest(),
        "counters": output.counters,
        "chunks": output.chunks,
    }


def npy_bytes(values: array.array[Any]) -> bytes:
    """A 1-D `.npy` file of an array of "f" or "i": version 1.0, little-endian (NEP 1)."""
    header = "{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }"
    header = header % (DTYPES[values.typecode], len(values))
    # Magic, version and length take 10 bytes, the end of line one; data starts at a multiple of 64.
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    body = array.array(values.typecode, values)
    if sys.byteorder == "big":
        body.byteswap()
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
    return start + header.encode("latin1") + body.tobytes()


def _tokens(returned: Dict[str, Any]) -> Output:
    tokens = array.array("i", [int(token) for token in returned["tokens"]])
    return Output(tokens, 0, _finite("audio_seconds", returned["audio_seconds"]))


def _samples(returned: Dict[str, Any]) -> Output:
    samples, rate = _float32(returned["samples"]), int(returned["sample_rate"])
    if rate <= 0:
        raise OutputError("speak returned sample_rate %r: a rate in Hz is needed" % (rate,))
    return Output(samples, rate, len(samples) / float(rate))


def _float32(samples: Any) -> array.array[Any]:
    """Any 1-D sequence of numbers (array, list, numpy array) as an array of C floats."""
    shape = getattr(samples, "shape", None)
    if shape is None:
        return array.array("f", samples)
    if len(shape) != 1:
        raise OutputError("speak must return 1-D samples, not of shape %r" % (tuple(shape),))
    return array.array("f", samples.astype("float32").tobytes())


def _finite(name: str, value: Any) -> float:
    """An int or float that JSON can hold."""
    number = value if isinstance(value, int) else float(value)
    if not math.isfinite(number):
        raise OutputError("speak returned %s = %r: a finite number is needed" % (name, value))
    return number
