"""Ends this process, and what it started, when the ttsopt that started it is gone.

A kill -9 leaves ttsopt no time to end its workers. So a worker's standard input is a pipe that ttsopt alone holds
open, which the kernel closes with it, on every system. A thread waits for that; it costs nothing while it waits. A
library that reads standard input finds the end of a file there, as it would without the pipe. What comes on the
pipe is for channel.py.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Callable, Optional

Receive = Callable[[bytes], object]

NAME = "TTSOPT_LIFELINE"  # boundary/processes.py
HELD = b"+"


PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h


def hold(receive: Optional[Receive] = None) -> None:
    """Begin to watch, where ttsopt said that it holds the pipe; before anything else is started.

    `receive` gets what comes on the pipe, and b"" at its end; with it, standard input is read in any case.
    """
    is_tied = os.environ.pop(NAME, "") == "stdin"
    if not is_tied and receive is None:
        return
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    # A wrapper (`docker run` without -i, ssh -n) may not have passed the pipe on: that is not ttsopt's end.
    if is_tied and os.read(pipe, 1) != HELD:
        os.close(pipe)
        if receive is not None:
            receive(b"")
        return
    arguments = (pipe, receive, is_tied)
    threading.Thread(target=_watch, args=arguments, daemon=True, name="ttsopt-lifeline").start()


def adopt_orphans() -> None:
    """Keep below this process what its children leave behind, so that their work is counted (Linux)."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def wake_at_its_end() -> None:
    """Go on when ttsopt is gone, where it had stopped this process until its turn (bench/run/turns.py; Linux).

    The pipe says that it is gone, and a stopped process reads no pipe.
    """
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, signal.SIGCONT)


def _prctl(option: int, value: int) -> None:
    if sys.platform != "linux":
        return
    import ctypes

    try:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
    except (AttributeError, OSError):
        return  # another C library


def _watch(pipe: int, receive: Optional[Receive], is_tied: bool) -> None:
    try:
        while True:
            chunk = os.read(pipe, 65536)
            if receive is not None:
                receive(chunk)
            if not chunk:
                break
    except OSError:
        return  # somebody closed all descriptors: nothing is known any more
    if is_tied:
        _end_group()


def _end_group() -> None:
    if sys.platform == "win32":
        import subprocess

        taskkill = os.path.join(
            os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe"
        )
        subprocess.call([taskkill, "/T", "/F", "/PID", str(os.getpid())])
    else:
        os.killpg(0, signal.SIGKILL)  # the group that ttsopt made for this worker
    os._exit(1)
