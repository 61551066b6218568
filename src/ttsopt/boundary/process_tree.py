"""A process and all that it started: CPU time and memory of the whole tree, and its end.

psutil is loaded when a tree is looked at first: commands that measure nothing start without it. On Linux a process
without children is told by its own entries in /proc, so that looking costs next to nothing while it is timed.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.boundary.reading import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psutil import Process


# Of a run of any length: an hour has a sample every 15 s at least.
MOST_SAMPLES, CLOSEST = 240, 0.25


@dataclass(slots=True)
class ProcessTree:
    """All below one process. `peak`: the most memory seen at once, in bytes; shared pages count for each.

    `samples` are what it held with all below it, and when (`time.monotonic`), as `look_at_all_memory` saw it.
    The process is known by its number and its start, so that another one which has its number later is left alone.
    """

    peak: int = 0
    samples: list[tuple[float, int]] = field(default_factory=list)
    _apart: float = 0.0
    _root: Process | None = None
    _known: dict[int, Process] = field(default_factory=dict)

    def watch(self, pid: int) -> None:
        """Begin with the process of that number, which runs and is not waited for yet."""
        import psutil

        with contextlib.suppress(psutil.Error):
            self._root = psutil.Process(pid)

    def descendants(self) -> tuple[Process, ...]:
        """Return the processes below it that run now; empty where nothing can be told."""
        import psutil

        if self._root is None or not _has_children(self._root.pid):
            return ()
        with contextlib.suppress(psutil.Error):
            found = tuple(self._root.children(recursive=True))
            self._known.update((process.pid, process) for process in found)
            return found
        return ()

    def children_seconds(self) -> float:
        """Return the CPU seconds of what runs below it, with what those have waited for."""
        return sum(map(_cpu_seconds, self.descendants()))

    def look_at_memory(self) -> None:
        """Note what it holds now, where it has children: of one process the kernel knows the peak itself."""
        below = self.descendants()
        if below and self._root:
            self.peak = max(self.peak, sum(map(_resident, (self._root, *below))))

    def look_at_all_memory(self) -> None:
        """Note what it holds now with all below it, also where it is alone: nobody waits for its own peak."""
        if self._root:
            held = sum(map(_resident, (self._root, *self.descendants())))
            self.peak = max(self.peak, held)
            self._keep(time.monotonic(), held)

    def _keep(self, moment: float, held: int) -> None:
        """Keep a sample; where there are too many, every other one goes, and new ones come half as often."""
        if self.samples and moment - self.samples[-1][0] < self._apart:
            return
        self.samples.append((moment, held))
        if len(self.samples) > MOST_SAMPLES:
            del self.samples[1::2]
            self._apart = 2 * max(self._apart, CLOSEST)

    def seconds(self) -> float:
        """Return the CPU seconds of the process and of all below it so far."""
        return _cpu_seconds(self._root) + self.children_seconds() if self._root else 0.0

    def end(self) -> None:
        """End the process and all that was ever seen below it."""
        import psutil

        self.descendants()
        if self._root:
            with contextlib.suppress(psutil.Error):
                self._root.kill()
        self.kill()

    def kill(self) -> None:
        """End whatever was ever seen below it: a daemon that left its group, too."""
        import psutil

        self.descendants()
        for process in self._known.values():
            with contextlib.suppress(psutil.Error):
                process.kill()


def _has_children(pid: int) -> bool:
    """True if a process has children, or nothing is known of it (not Linux, or a kernel without the list)."""
    lists = list(_children_lists(pid))
    return any(lists) or not lists


def _children_lists(pid: int) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                yield read_bytes(task / "children")


def _cpu_seconds(process: Process) -> float:
    import psutil

    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0


def _resident(process: Process) -> int:
    import psutil

    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0
