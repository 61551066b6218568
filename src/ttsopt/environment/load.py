"""The load of the machine while a benchmark runs: what other programs took of its processors."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.reading import read_bytes

STAT = Path("/proc/stat")
# user, nice, system, irq, softirq, and what a hypervisor gave to other machines; see proc(5).
BUSY = (1, 2, 3, 6, 7, 8)
MUCH = 0.1


@dataclass(slots=True)
class MachineLoad:
    """Over a run; None: the platform does not say.

    `average` is the load average of the last minute at the start and at the end, this run's own processes
    included. `others`: the share of all processors that other programs had, from 0 to 1.
    """

    cores: int
    average: tuple[float, float] | None = None
    others: float | None = None

    def summary(self) -> dict[str, object]:
        """For the environment of a result."""
        average = list(self.average) if self.average else None
        return {"average": average, "others": self.others, "cores": self.cores}

    @property
    def warning(self) -> str:
        """A sentence where the machine was too busy for figures in seconds; else empty."""
        if self.others is not None:
            words = f"other programs took {self.others:.0%} of the processors"
            busy = self.others > MUCH
        else:
            average = max(self.average or (0.0,))
            words, busy = (
                f"the load average was {average:.1f} on {self.cores} cores",
                average > self.cores + 1,
            )
        return f"{words}: RTF and seconds are those of a busy machine" if busy else ""


@contextmanager
def watched_load(stat: Path = STAT) -> Iterator[MachineLoad]:
    """The load from here to the end of the block."""
    load = MachineLoad(os.cpu_count() or 1)
    average, busy, own, started = _average(), _busy(stat), _own(), time.monotonic()
    try:
        yield load
    finally:
        wall, busy_now, average_now = time.monotonic() - started, _busy(stat), _average()
        if average is not None and average_now is not None:
            load.average = average, average_now
        if busy is not None and busy_now is not None and wall > 0:
            others = (busy_now - busy - (_own() - own)) / wall / load.cores
            load.others = min(1.0, max(0.0, others))


def _average() -> float | None:
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows; or not obtainable
        return None


def _busy(stat: Path) -> float | None:
    """Seconds of all processors since the machine started; None where no kernel says."""
    try:
        line = read_bytes(stat).split(b"\n", 1)[0].split()
        return sum(int(line[field]) for field in BUSY) / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, IndexError, ValueError):
        return None


def _own() -> float:
    """CPU seconds of this process and of all that it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
