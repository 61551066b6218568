"""A process with all that it starts: run to its end or its time limit, its last words kept."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

KEPT_BYTES = 64 * 1024
DRAIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ChildEnd:
    """Exit status (-N: signal N; None: over its time) and the last of what was printed."""

    status: int | None
    stdout: str
    stderr: str


def run_child(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
) -> ChildEnd:
    """Run `command` in `folder` in a process group of its own, no input, for at most `seconds`.

    Whatever of the group is left at the end, or at an exception such as KeyboardInterrupt, is
    killed. OSError where it cannot be started.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a group of its own to kill; the terminal's Ctrl-C is ours alone
    )
    status: int | None = None
    try:
        tails = [_Tail(pipe) for pipe in (process.stdout, process.stderr) if pipe]
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = process.wait(seconds)
    finally:
        _kill_group(process)
        process.wait()
    stdout, stderr = (tail.text() for tail in tails)
    return ChildEnd(status, stdout, stderr)


class _Tail(Thread):
    """Empties a pipe so that the writer never blocks, and keeps the last of it."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._kept = b""
        self.start()

    def run(self) -> None:
        with self._pipe:
            while chunk := os.read(self._pipe.fileno(), KEPT_BYTES):
                self._kept = (self._kept + chunk)[-KEPT_BYTES:]

    def text(self) -> str:
        """What was kept; a process that left the group and holds the pipe is not waited for."""
        self.join(DRAIN_SECONDS)
        return self._kept.decode("utf-8", "replace")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        if process.poll() is None:
            command = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
            subprocess.run(command, capture_output=True, check=False)
    else:
        # ESRCH: nobody is left. EPERM: macOS says so where only the unreaped leader is left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
