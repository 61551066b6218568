"""Commands on a pseudo-terminal, and how wide they print. Not on Windows."""

from __future__ import annotations

import os
import re
import struct
import sys
from pathlib import Path

from ttsopt.cli.cells import cells

COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LINES = 24


def seen(folder: Path, *arguments: object, columns: int = 80, **variables: str) -> str:
    """What `ttsopt` prints on a terminal; it runs in `folder`, and ends with 0."""
    code, text = on_terminal(folder, *arguments, columns=columns, **variables)
    assert code == 0
    return text


def on_terminal(
    folder: Path, *arguments: object, columns: int = 80, **variables: str
) -> tuple[int, str]:
    """The exit code of `ttsopt` on a terminal, and what it prints there."""
    import fcntl
    import pty
    import termios

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ.update({"TERM": "xterm", "PAGER": "cat"} | variables)
        words = [sys.executable, "-m", "ttsopt", *map(str, arguments)]
        os.execv(sys.executable, words)  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    data = b""
    while chunk := _read(terminal):
        data += chunk
    os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, data.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # its other end is closed
        return b""


def plain(text: str) -> str:
    """A screen without its colours."""
    return COLOURS.sub("", text)


def longest(text: str) -> int:
    """The longest line; one that is a single word, such as a path of the test's, cannot be any shorter."""
    lines = plain(text).split("\n")
    return max(cells(line) for line in lines if len(line.split()) != 1 or not line.isascii())
