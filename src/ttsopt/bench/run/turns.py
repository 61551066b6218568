"""Two resident worker processes that speak in turn; the one whose turn it is not is stopped.

A process that waits may still take the processor: threads that spin until there is work, timers. So the idle side
gets SIGSTOP, and SIGCONT before its next text (Linux alone: there the kernel wakes a stopped worker when ttsopt is
gone, in_target/lifeline.py). The controller's thread calls `ready`, `speak` and `close`, those that read what the
processes say call the `Turn` of a side.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from dataclasses import dataclass, field
from threading import Condition

from ttsopt.bench.job import Took
from ttsopt.domain.measurement import Side

STOPS = sys.platform == "linux"
BREAKS = sys.platform != "win32"


class GoneError(Exception):
    """A process has ended, or does not answer and was killed; `is_hung` tells."""

    def __init__(self, side: Side, *, is_hung: bool) -> None:
        super().__init__(f"the {side.value} side is gone")
        self.side, self.is_hung = side, is_hung


@dataclass(slots=True)
class Turns:
    """Whose turn it is. `seconds` is the longest that loading, or one text, may take."""

    seconds: float
    _changed: Condition = field(default_factory=Condition)
    _waiting: dict[Side, Took | None] = field(default_factory=dict)
    _groups: dict[Side, int] = field(default_factory=dict)
    _gone: set[Side] = field(default_factory=set)
    _turn: Side | None = None
    _over: bool = False
    _killed: bool = False

    def of(self, side: Side) -> SideTurn:
        """Return a side's part, for its job."""
        return SideTurn(self, side)

    def ready(self, side: Side) -> None:
        """Wait until a side is loaded and warm, and asks for its first text.

        Raises:
            GoneError: It has ended, or was killed since it took too long.
        """
        with self._changed:
            self._await(side)

    def speak(self, side: Side) -> Took:
        """Have a side speak its next text, and wait for it; return what that took.

        Raises:
            GoneError: As `ready`.
        """
        with self._changed:
            self._turn = side
            self._changed.notify_all()
            self._await(side)
            took = self._waiting[side]
        if took is None:
            raise GoneError(side, is_hung=False)
        return took

    def close(self) -> None:
        """Let both write down what they have, and end."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def break_off(self) -> None:
        """As `close`, and have the one that speaks break off its text."""
        with self._changed:
            speaking = self._groups.keys() - self._waiting.keys() - self._gone
            self._over = True
            self._changed.notify_all()
            for side in speaking if BREAKS else ():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._groups[side], signal.SIGINT)

    def kill(self) -> None:
        """End both at once, and who begins later too."""
        with self._changed:
            self._over = self._killed = True
            for side in self._groups:
                self._signal(side, signal.SIGKILL)
            self._changed.notify_all()

    def ended(self, side: Side) -> None:
        """Learn that a process has ended."""
        with self._changed:
            self._gone.add(side)
            self._changed.notify_all()

    def began(self, side: Side, pid: int) -> None:
        """Learn the group of a process."""
        with self._changed:
            self._groups[side] = pid
            if self._killed:
                self._signal(side, signal.SIGKILL)

    def take(self, side: Side, took: Took | None) -> bool:
        """Stop a side until it is its turn, then let it go on; False: no more is wanted."""
        with self._changed:
            self._waiting[side] = took
            self._signal(side, signal.SIGSTOP)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._over or self._turn is side)
            del self._waiting[side]
            self._turn = None
            self._signal(side, signal.SIGCONT)
            return not self._over

    def _await(self, side: Side) -> None:
        """Wait, with the lock, until a side waits for a turn that is not given to it yet."""
        is_back = self._changed.wait_for(lambda: self._is_back(side), self.seconds)
        if not is_back:
            self._signal(side, signal.SIGKILL)
            raise GoneError(side, is_hung=True)
        if side in self._gone:
            raise GoneError(side, is_hung=False)

    def _is_back(self, side: Side) -> bool:
        return side in self._gone or (side in self._waiting and self._turn is None)

    def _signal(self, side: Side, number: signal.Signals) -> None:
        stops = number is not signal.SIGKILL
        if side in self._gone or side not in self._groups or (stops and not STOPS):
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._groups[side], number)


@dataclass(frozen=True, slots=True)
class SideTurn:
    """A side's part: see `bench.job.Turn`."""

    turns: Turns
    side: Side

    def began(self, pid: int) -> None:
        """Learn the process."""
        self.turns.began(self.side, pid)

    def take(self, last: Took | None) -> bool:
        """Wait until it may speak."""
        return self.turns.take(self.side, last)
