"""Ends this process, and what it started, when the ttsopt that started it is gone.

A kill -9 leaves ttsopt no time to end its workers. So a worker's standard input is a pipe that ttsopt alone holds
open, which the kernel closes with it, on every system. A thread waits for that; it costs nothing while it waits. A
library that reads standard input finds the end of a file there, as it would without the pipe.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

NAME = "TTSOPT_LIFELINE"  # boundary/processes.py
HELD = b"+"


def hold() -> None:
    """Begin to watch, where ttsopt said that it holds the pipe; before anything else is started."""
    if os.environ.pop(NAME, "") != "stdin":
        return
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    # A wrapper (`docker run` without -i, ssh -n) may not have passed the pipe on: that is not ttsopt's end.
    if os.read(pipe, 1) == HELD:
        threading.Thread(target=_watch, args=(pipe,), daemon=True, name="ttsopt-lifeline").start()
    else:
        os.close(pipe)


def _watch(pipe: int) -> None:
    try:
        while os.read(pipe, 1):
            pass
    except OSError:
        return  # somebody closed all descriptors: nothing is known any more
    if sys.platform == "win32":
        import subprocess

        taskkill = os.path.join(
            os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe"
        )
        subprocess.call([taskkill, "/T", "/F", "/PID", str(os.getpid())])
    else:
        os.killpg(0, signal.SIGKILL)  # the group that ttsopt made for this worker
    os._exit(1)
