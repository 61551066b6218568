"""The conversation with ttsopt: a text comes when it is asked for, and no earlier. Loaded by worker.py.

Each message is a line of JSON. The worker's go out on what was standard output; what libraries print there goes to
standard error from then on. ttsopt's come on the pipe that lifeline.py holds.
"""

from __future__ import annotations

import json
import os
import queue
import sys
from typing import Any, Dict, List, Optional

Row = Dict[str, Any]


class ChannelError(RuntimeError):
    """ttsopt's messages do not come through, or it refused what was asked."""


class EnoughError(Exception):
    """ttsopt wants no more texts of this process."""


class Channel:
    """The worker's end. `receive` is fed what comes on the pipe, by the thread that reads it; b"" is its end."""

    def __init__(self) -> None:
        self._lines: queue.Queue[Optional[bytes]] = queue.Queue()
        self._rest = b""
        self.last: Optional[List[float]] = None
        sys.stdout.flush()
        self._out = os.dup(1)
        os.dup2(2, 1)

    def receive(self, chunk: bytes) -> None:
        """Take in some bytes of the pipe."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._lines.put(line)
        if not chunk:
            self._lines.put(None)

    def ask(self, ids: List[str]) -> List[Row]:
        """Return the utterances of these ids, texts and all.

        ChannelError where none come, EnoughError where no more are wanted.
        """
        self._send({"ask": ids, "children": reaped_seconds(), "last": self.last})
        line = self._next()
        if line is None:
            raise ChannelError(
                "standard input ended: texts come there, and a wrapper has to pass it on (docker run -i)"
            )
        message = json.loads(line.decode("utf-8"))
        if "refused" in message:
            raise ChannelError(message["refused"])
        if "enough" in message:
            raise EnoughError
        utterances: List[Row] = message["utterances"]
        return utterances

    def spoken(self) -> None:
        """Say that what was asked last is spoken."""
        self._send({"spoken": True, "children": reaped_seconds()})

    def end(self) -> None:
        """Say that the result is written; wait until ttsopt has looked at what runs still."""
        self._send({"end": True})
        self._next()

    def _next(self) -> Optional[bytes]:
        """Wait for the next line; None at the end of the pipe, and from then on."""
        line = self._lines.get()
        if line is None:
            self._lines.put(None)
        return line

    def _send(self, message: Row) -> None:
        left = json.dumps(message).encode("ascii") + b"\n"
        try:
            while left:
                left = left[os.write(self._out, left) :]
        except OSError as error:
            raise ChannelError("ttsopt does not listen any more: %s" % error) from error


def reaped_seconds() -> float:
    """CPU seconds of child processes that have ended and were waited for; 0 where the platform does not say."""
    if os.name != "posix":
        return 0.0
    import resource

    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
