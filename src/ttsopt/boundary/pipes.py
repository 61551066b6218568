"""Output of processes, read in threads of our own so that a writer never blocks; bounded in size."""

from __future__ import annotations

import contextlib
import os
from threading import Thread
from typing import IO, Protocol

TAIL_BYTES = 64 * 1024
LONGEST_LINE = 64 * 1024
DRAIN_SECONDS = 5.0


class Partner(Protocol):
    """Talks with a worker: told that it began, line by line what it writes, that time passes, and its end."""

    def began(self, pid: int) -> None:
        """Learn which process it is."""

    def answer(self, line: bytes) -> bytes | None:
        """Answer a line of its standard output, in another thread; None if it is no message, b"" for no answer."""

    def tick(self) -> None:
        """Look at it, a few times a second."""

    def ended(self) -> None:
        """Clean up: it has ended, or is killed next."""


class Reader(Thread):
    """Empties a pipe so that the writer never blocks."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._kept = bytearray()
        self.is_cut = False
        self.start()

    def run(self) -> None:
        """Read until the pipe ends, or enough is kept."""
        with self._pipe:
            while chunk := os.read(self._pipe.fileno(), TAIL_BYTES):
                if not self._keep(chunk):
                    break

    def _keep(self, chunk: bytes) -> bool:
        """Take what was read; False if the pipe is to be closed."""
        raise NotImplementedError

    def kept(self) -> bytes:
        """Return what was kept; a process that left the group and holds the pipe is not waited for."""
        self.join(DRAIN_SECONDS)
        return bytes(self._kept)


class Tail(Reader):
    """Keeps the last."""

    def _keep(self, chunk: bytes) -> bool:
        self._kept += chunk
        del self._kept[:-TAIL_BYTES]
        return True


class Lines(Tail):
    """Gives each line to a partner, writes back what that answers, and keeps the last of all else."""

    def __init__(self, pipe: IO[bytes], answers: IO[bytes], partner: Partner) -> None:
        self._answers, self._partner, self._open = answers, partner, b""
        super().__init__(pipe)

    def _keep(self, chunk: bytes) -> bool:
        *lines, self._open = (self._open + chunk).split(b"\n")
        for line in lines:
            self._take(line)
        if len(self._open) > LONGEST_LINE:  # no message is as long
            super()._keep(self._open)
            self._open = b""
        return True

    def _take(self, line: bytes) -> None:
        reply = self._partner.answer(line) if len(line) <= LONGEST_LINE else None
        if reply is None:
            super()._keep(line + b"\n")
        else:
            with contextlib.suppress(OSError, ValueError):  # it has ended: its status says more
                self._answers.write(reply)
                self._answers.flush()

    def kept(self) -> bytes:
        """Return what was kept, with a last line that has no end."""
        return (super().kept() + self._open)[-TAIL_BYTES:]


class Head(Reader):
    """Keeps the first, and closes the pipe behind it: who goes on writing is ended by that."""

    def __init__(self, pipe: IO[bytes], most: int) -> None:
        self._most = most
        super().__init__(pipe)

    def _keep(self, chunk: bytes) -> bool:
        self._kept += chunk
        self.is_cut = len(self._kept) > self._most
        del self._kept[self._most :]
        return not self.is_cut
