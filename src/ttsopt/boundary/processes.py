"""The one place that starts processes: in a group of their own, with bounds on time and on what they print."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.pipes import Head, Lines, Partner, Reader, Tail

MOST_BYTES = 256 * 1024 * 1024
LONGEST_POLL = 1e6  # seconds; poll counts milliseconds in an int
# A program of in_target that finds this variable watches its standard input: `in_target/lifeline.py`.
LIFELINE = "TTSOPT_LIFELINE"
HELD = b"+"
TICK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Ended:
    """Exit status (-N: signal N; None: over its time) and what was printed, as far as it was kept.

    `is_cut`: standard output was longer than `most` bytes, and the program was cut off there.
    """

    status: int | None
    stdout: bytes
    stderr: bytes
    is_cut: bool = False


def run_process(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
    *,
    most: int = MOST_BYTES,
) -> Ended:
    """Run a short program in `folder`, with no input; keep the first `most` bytes of its standard output.

    `environment` is what `variables.scrubbed` made. Of standard error the last is kept. Whatever of its process
    group is left at the end, or at an exception such as KeyboardInterrupt, is killed.

    Raises:
        OSError: It cannot be started.
    """
    process = _start(command, folder, environment, subprocess.DEVNULL)
    return _finish(process, seconds, most)


def run_worker(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
    partner: Partner | None = None,
) -> Ended:
    """As `run_process`, for a program of in_target that may run long: it ends when this process is gone.

    Its standard input is a pipe that nothing but this process holds open; what `partner` answers goes there. Of
    what it prints the last is kept.

    Raises:
        OSError: It cannot be started.
    """
    tied = {**environment, LIFELINE: "stdin"}
    process = _start(command, folder, tied, subprocess.PIPE)
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # it has ended already
        process.stdin.write(HELD)
        process.stdin.flush()
    try:
        return _finish(process, seconds, None, partner)
    finally:
        with contextlib.suppress(OSError):
            process.stdin.close()


def feed(command: Sequence[str | Path], environment: Mapping[str, str], data: bytes) -> None:
    """Run a program on this terminal, with `data` as its input, until the user ends it.

    Raises:
        OSError: It cannot be started.
    """
    words = [str(word) for word in command]
    # Suppressed: it was ended before it had read all.
    with subprocess.Popen(words, stdin=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        with contextlib.suppress(OSError), process.stdin as pipe:
            pipe.write(data)


def _start(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], stdin: int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=folder,
        env=environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a group of its own to kill; the terminal's Ctrl-C is ours alone
    )


def _finish(
    process: subprocess.Popen[bytes],
    seconds: float,
    most: int | None,
    partner: Partner | None = None,
) -> Ended:
    """Read until it ends or its time is up; `most` None: keep the last of standard output."""
    status: int | None = None
    try:
        output = _output_reader(process, most, partner)
        assert process.stderr is not None
        errors = Tail(process.stderr)
        tick = partner.tick if partner else None
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = process.wait(_left_at_its_end(process, seconds, tick))
    finally:
        if partner:
            partner.ended()
        _kill_group(process)
        process.wait()
    return Ended(status, output.kept(), errors.kept(), output.is_cut)


def _output_reader(
    process: subprocess.Popen[bytes], most: int | None, partner: Partner | None
) -> Reader:
    assert process.stdout is not None
    if most is not None:
        return Head(process.stdout, most)
    if partner is None or process.stdin is None:
        return Tail(process.stdout)
    partner.began(process.pid)
    return Lines(process.stdout, process.stdin, partner)


def _left_at_its_end(
    process: subprocess.Popen[bytes], seconds: float, tick: Callable[[], None] | None = None
) -> float:
    """Return once a process has ended, with the seconds that are left of its time; `tick` as they pass.

    Linux tells at once. Elsewhere all of them are left: `Popen.wait` looks again and again, with pauses of up to
    50 ms, which is longer than git takes.
    """
    if sys.platform != "linux":
        return _ticked(process, seconds, tick) if tick else seconds
    began = time.monotonic()
    try:
        handle = os.pidfd_open(process.pid)
    except OSError:  # a kernel before 5.3, or no more descriptors
        return _ticked(process, seconds, tick) if tick else seconds
    try:
        ready = select.poll()
        ready.register(handle, select.POLLIN)
        left = min(seconds, LONGEST_POLL)
        while not ready.poll(max(0.0, 1000 * (min(left, TICK_SECONDS) if tick else left))):
            left = seconds - (time.monotonic() - began)
            if left <= 0 or not tick:
                break
            tick()
    finally:
        os.close(handle)
    return max(0.0, seconds - (time.monotonic() - began))


def _ticked(process: subprocess.Popen[bytes], seconds: float, tick: Callable[[], None]) -> float:
    """As `_left_at_its_end`, where the kernel does not tell."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(min(left, TICK_SECONDS))
            break
        tick()
    return max(0.0, left)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        if process.poll() is None:
            taskkill = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")
            command = [str(taskkill), "/T", "/F", "/PID", str(process.pid)]
            subprocess.run(command, capture_output=True, check=False)
    else:
        # ESRCH: nobody is left. EPERM: macOS says so where only the unreaped leader is left.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
