"""Strikes a program at one of the calls by which it changes the disk, in a child process of its own."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from disk_calls import UNSEEN, Call, lead_through

from ttsopt.errors import TtsoptError

LONGEST = 120  # seconds after which a child counts as hanging
NEVER = 1 << 30
# What needs space on the disk; deleting, renaming over and changing a mode do not.
NEEDS_SPACE = {"open", "write", "pwrite", "writev", "mkdir", "link", "symlink", "setxattr", "fsync"}


class Strike(Protocol):
    """Makes a call, or what happens in its place; `since` is 0 at the call to strike, and counts on from there."""

    def meet(self, call: Call, since: int) -> Any: ...


class Kind(Enum):
    """What strikes: a kill before or after the call, an error from it, Ctrl-C, or a disk that stays bad."""

    KILL_BEFORE = "kill before"
    KILL_AFTER = "kill after"
    ENOSPC = "ENOSPC"
    EIO = "EIO"
    EACCES = "EACCES"
    EROFS = "EROFS"
    SHORT_WRITE = "short write, then ENOSPC"
    INTERRUPT_BEFORE = "interrupt before"
    INTERRUPT_AFTER = "interrupt after"
    FULL = "full from then on"
    READ_ONLY = "read-only from then on"

    def meet(self, call: Call, since: int) -> Any:
        if since > 0 and self in {Kind.FULL, Kind.READ_ONLY}:
            return self._strike(call)
        return self._strike(call) if since == 0 else call.go()

    def _strike(self, call: Call) -> Any:
        if self in KILLS or self in INTERRUPTS:
            return self._stop(call)
        if self is Kind.FULL and call.name not in NEEDS_SPACE:
            return call.go()
        if self in {Kind.SHORT_WRITE, Kind.FULL} and call.name == "write":
            handle, data = call.arguments
            Call("write", (handle, bytes(data)[: len(data) // 2]), {}).go()
        names = {Kind.SHORT_WRITE: "ENOSPC", Kind.FULL: "ENOSPC", Kind.READ_ONLY: "EROFS"}
        number = getattr(errno, names.get(self, self.name))
        raise OSError(number, os.strerror(number))

    def _stop(self, call: Call) -> Any:
        if self in {Kind.KILL_AFTER, Kind.INTERRUPT_AFTER}:
            with suppress(OSError):  # nobody hears any more how the call went
                result = call.go()
                if call.name == "open":
                    os.close(result)
        if self in KILLS:
            die()
        raise KeyboardInterrupt


KILLS = {Kind.KILL_BEFORE, Kind.KILL_AFTER}
INTERRUPTS = {Kind.INTERRUPT_BEFORE, Kind.INTERRUPT_AFTER}
LASTING = {Kind.FULL, Kind.READ_ONLY}
ERRORS = {kind for kind in Kind if kind not in KILLS | INTERRUPTS | LASTING}


class End(Enum):
    """How the child ended."""

    KILLED = "killed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    DONE = "done"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end, the exit code of a failure, how many calls there were (0 after a kill), and what was said."""

    end: End
    calls: int = 0
    exit_code: int = 0
    text: str = ""


def die() -> None:
    """Kill this process as the kernel does, with no word and no cleaning up."""
    os.kill(os.getpid(), signal.SIGKILL)


def install(strike: Strike, at: int) -> list[int]:
    """Strike this process at its `at`-th call, counted from 0; gives a list that holds the count of calls."""
    calls = [0]

    def around(call: Call) -> Any:
        calls[0] += 1
        return strike.meet(call, calls[0] - 1 - at)

    lead_through(around)
    return calls


def count_calls(action: Callable[[], object]) -> int:
    """How many calls an action makes that change the disk; it is carried out, in a child."""
    outcome = strike_at(action, Kind.KILL_BEFORE, NEVER)
    assert outcome.end is End.DONE, outcome.text
    return outcome.calls


def strike_at(action: Callable[[], object], strike: Strike, at: int) -> Outcome:
    """Run an action in a child and strike it at its `at`-th call, counted from 0."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Threads of pytest-xdist; the child uses none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _be_struck(action, strike, at, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    return _outcome(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said)


def _be_struck(action: Callable[[], object], strike: Strike, at: int, writing: int) -> None:
    try:
        signal.alarm(LONGEST)
        calls = install(strike, at)
        end, code, text = _end_of(action)
        row = {"end": end.value, "exit_code": code, "text": text, "calls": calls[0]}
        os.write(writing, json.dumps(row).encode())
        os._exit(0)
    finally:
        os._exit(1)


def _end_of(action: Callable[[], object]) -> tuple[End, int, str]:
    try:
        action()
    except TtsoptError as error:
        return End.FAILED, error.exit_code, f"{error.code}: {error.message}"
    except KeyboardInterrupt:
        return End.INTERRUPTED, 130, ""
    except BaseException:  # noqa: BLE001
        return End.DEFECT, 70, traceback.format_exc()
    return End.DONE, 0, ""


def _outcome(code: int, said: bytes) -> Outcome:
    if code == -signal.SIGKILL:
        return Outcome(End.KILLED)
    assert code != UNSEEN, "a change of the disk was not seen: see standard error"
    assert code == 0, f"the child ended with {code}: it hangs, or the harness is wrong"
    row = json.loads(said)
    return Outcome(End(row["end"]), row["calls"], row["exit_code"], row["text"])


def main() -> None:
    """For a process of its own: `python faults.py KIND AT COMMAND...` runs ttsopt's command line, struck."""
    from ttsopt.cli.main import run

    kind, at = Kind[sys.argv[1]], int(sys.argv[2])
    sys.argv = ["ttsopt", *sys.argv[3:]]
    calls = install(kind, at)
    try:
        run()
    finally:
        sys.stderr.write(f"calls: {calls[0]}\n")


if __name__ == "__main__":
    main()
