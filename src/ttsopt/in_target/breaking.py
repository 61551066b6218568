"""Breaks off what is being spoken when no more is wanted. Loaded by worker.py, after channel.py.

Somebody who ends a benchmark does not wait for a long sentence, and wants what was measured before it.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import Any, Iterator

from _ttsopt_channel import EnoughError  # type: ignore[import-not-found]


class BrokenOffError(KeyboardInterrupt):
    """Raised where the main thread is; no library takes it for an error of its own."""


@contextlib.contextmanager
def until_enough() -> Iterator[threading.Event]:
    """Leave the block once no more is wanted: where a text is asked for, or, by SIGINT, wherever it is.

    The event is set by SIGINT. From the block on SIGINT is ignored: what was measured is written down.
    """
    enough = threading.Event()

    def break_off(*_: Any) -> None:
        if not enough.is_set():
            enough.set()
            raise BrokenOffError

    signal.signal(signal.SIGINT, break_off)
    with contextlib.suppress(EnoughError, BrokenOffError):
        try:
            yield enough
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
