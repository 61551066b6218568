"""The shape that the header of an `.npy` file states; no array is read and nothing unpickled."""

from __future__ import annotations

import warnings
from typing import BinaryIO

from ttsopt.boundary.parsing import python_literal

MAGIC = b"\x93NUMPY"
# numpy itself reads no longer ones from files that it does not trust:
# https://numpy.org/doc/stable/reference/generated/numpy.load.html (max_header_size)
LONGEST = 10_000


class HeaderError(ValueError):
    """The file begins with no `.npy` header that can be understood; the message says what is wrong."""


def npy_shape(file: BinaryIO) -> tuple[int, ...]:
    """The shape of the array in a file.

    Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

    Raises:
        HeaderError: The file begins with no such header.
        OSError: It cannot be read.
    """
    start = file.read(8)
    if not start.startswith(MAGIC) or len(start) < 8:  # noqa: PLR2004 - magic, major and minor version
        raise HeaderError("is no .npy file")
    version = start[6]
    if version not in {1, 2, 3}:
        raise HeaderError(f"is an .npy file of version {version}, which is not known")
    length_bytes = file.read(2 if version == 1 else 4)
    length = int.from_bytes(length_bytes, "little")
    if length > LONGEST:
        raise HeaderError(f"has a header of {length} bytes, which is too long to be one")
    header = file.read(length)
    if len(header) < length or not header:
        raise HeaderError("ends within its header")
    # Both decode any bytes that a header may hold; its letters do not matter for the shape.
    return _shape(header.decode("utf-8" if version == 3 else "latin-1", errors="replace"))  # noqa: PLR2004


def _shape(header: str) -> tuple[int, ...]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stated = python_literal(header.strip())
    except (SyntaxError, ValueError) as error:
        raise HeaderError("has a header that is no Python literal") from error
    shape = stated.get("shape") if isinstance(stated, dict) else None
    if not isinstance(shape, tuple) or not all(type(size) is int for size in shape):
        raise HeaderError("has a header without a shape")
    return shape
