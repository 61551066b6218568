"""Reads what others wrote: regular files alone, never waiting for one, and no more than is asked for.

Whatever is wrong with a file is an `OSError`; who reads it knows what it was to be, and tells the user.
`parsing.py` makes data of what it holds.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedReader

MIB = 2**20
# Far beyond any source: upstream's largest has 150 KB. A sparse file of 2 GB must not fill the memory.
SOURCE = 16 * MIB
# A list, a catalogue's table, a project file: tens of KB. Readers of TOML and YAML take a second for each MiB.
TABLE = 2 * MIB
# What a worker answers, and what `bench --save` kept of it.
RESULT = 64 * MIB
# An hour of speech as float32 at 24 kHz is 330 MiB; a trace of torch takes some hundred.
OUTPUT = 512 * MIB
PIPE_SECONDS = 10.0

_OPEN = os.O_RDONLY | sum(
    getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY", "O_CLOEXEC")
)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def open_regular(path: Path, *, follow: bool = True) -> BufferedReader:
    """A regular file, to read from; a device or a pipe is not even opened. `follow`: it may be a link to one.

    Raises:
        OSError: It is something else, is not there, or cannot be opened.
    """
    check_regular(path, path.stat(follow_symlinks=follow))
    handle = os.open(path, _OPEN if follow else _OPEN | _NO_LINK)
    try:
        check_regular(path, os.fstat(handle))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def check_regular(path: Path, status: os.stat_result) -> None:
    """See that a status is a regular file's.

    Raises:
        OSError: It is a folder's, a link's, a pipe's, a socket's or a device's.
    """
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))


def read_bytes(path: Path, most: int = SOURCE, *, follow: bool = True) -> bytes:
    """The bytes of a regular file that has no more than `most`.

    Raises:
        OSError: As `open_regular`, or it is larger.
    """
    with open_regular(path, follow=follow) as file:
        return read_bounded(file, path, most)


def read_bounded(file: BufferedReader, path: Path, most: int) -> bytes:
    """All that an open file holds.

    Raises:
        OSError: It holds more than `most` bytes, also where it grows meanwhile.
    """
    size = os.fstat(file.fileno()).st_size
    if size <= most:
        data = file.read(
            size + 1
        )  # one byte more tells whether it grew; /proc says 0 of all its files
        if len(data) > size:
            data += file.read(most + 1 - len(data))
        if len(data) <= most:
            return data
    raise OSError(errno.EFBIG, f"it has more than {amount(most)}", str(path))


def read_text(path: Path, most: int = SOURCE) -> str:
    """A regular file of UTF-8, without its byte order mark and with line feeds at the ends of lines.

    Raises:
        OSError: As `read_bytes`.
        ValueError: It is no UTF-8.
    """
    text = read_bytes(path, most).decode("utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_given(path: Path, most: int = SOURCE, seconds: float = PIPE_SECONDS) -> bytes:
    """The same of a file that the user named, which may be a pipe as well (`<(git diff)`).

    Raises:
        OSError: As `read_bytes`, or nothing came through the pipe for so many `seconds`.
    """
    if not stat.S_ISFIFO(path.stat().st_mode):
        return read_bytes(path, most)
    handle = os.open(path, _OPEN)
    try:
        return _drained(handle, path, most, seconds)
    finally:
        os.close(handle)


def copy_regular(source: Path, target: Path, most: int) -> None:
    """Copy the bytes of a regular file, and whether it may be executed.

    Raises:
        OSError: As `read_bytes`, or it cannot be written.
    """
    with open_regular(source) as file, target.open("wb") as made:
        left = most + 1
        while left > 0 and (chunk := file.read(min(left, MIB))):
            made.write(chunk)
            left -= len(chunk)
        mode = os.fstat(file.fileno()).st_mode
    if not left:
        target.unlink()
        raise OSError(errno.EFBIG, f"it has more than {amount(most)}", str(source))
    target.chmod(stat.S_IMODE(mode) & 0o777)


def _drained(handle: int, path: Path, most: int, seconds: float) -> bytes:
    """All that comes until the writer closes a pipe; also of one that nobody has opened yet to write into."""
    import select

    ready = select.poll()
    ready.register(handle, select.POLLIN)
    data = b""
    while len(data) <= most:
        if not ready.poll(1000 * seconds):
            raise TimeoutError(
                errno.ETIMEDOUT, f"nothing came through it in {seconds:g} s", str(path)
            )
        chunk = os.read(handle, MIB)
        if not chunk:
            return data
        data += chunk
    raise OSError(errno.EFBIG, f"more than {amount(most)} came through it", str(path))


def amount(size: int) -> str:
    """A limit as messages say it."""
    return f"{size // MIB} MiB" if size >= MIB else f"{size} bytes"
