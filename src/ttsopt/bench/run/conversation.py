"""ttsopt's end of the conversation with a worker (in_target/channel.py): texts given out one by one, and timed."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from threading import Lock

from ttsopt.bench.job import Task, Took, Turn, WorkerJob
from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.process_tree import ProcessTree
from ttsopt.domain.measurement import Utterance

Part = tuple[Utterance, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """From the giving out of a text to the word that it is spoken: wall seconds here, CPU seconds of children."""

    wall: float
    children: float


@dataclass(slots=True)
class Conversation:
    """With one worker process. `parts` are what it may ask for, in this order, each once the last is spoken.

    `spans` are of those that were spoken. With a `turn`, a text is given when it is its turn.
    """

    parts: tuple[Part, ...]
    turn: Turn | None = None
    clock: Callable[[], float] = time.perf_counter
    spans: list[Span] = field(default_factory=list)
    tree: ProcessTree = field(default_factory=ProcessTree)
    _begun: tuple[float, float] | None = None
    _lock: Lock = field(default_factory=Lock)

    def began(self, pid: int) -> None:
        """Learn which process it is."""
        self.tree.watch(pid)
        if self.turn:
            self.turn.began(pid)

    def tick(self) -> None:
        """Look at the tree's memory, as time passes."""
        with self._lock:
            self.tree.look_at_memory()

    def ended(self) -> None:
        """End what it left running."""
        with self._lock:
            self.tree.kill()

    def answer(self, line: bytes) -> bytes | None:
        """Answer one line that the worker wrote; None if it is no message, b"" if it needs no answer."""
        now = self.clock()
        try:
            message = load_json(line)
        except ValueError:
            return None
        if not isinstance(message, dict) or not message.keys() & {"ask", "spoken", "end"}:
            return None
        if self.turn and "ask" in message and not self.turn.take(_took(message)):
            return _line({"enough": True})
        with self._lock:
            return self._answer(message, now)

    def _answer(self, message: dict[str, object], now: float) -> bytes:
        if "ask" in message:
            return self._give(message)
        self.tree.look_at_memory()
        if "spoken" in message and self._begun:
            start, children = self._begun
            self.spans.append(Span(now - start, max(0.0, self._children(message) - children)))
            self._begun = None
        return b"{}\n" if "end" in message else b""

    def _give(self, message: dict[str, object]) -> bytes:
        refused = self._begun is not None or len(self.spans) >= len(self.parts)
        part = () if refused else self.parts[len(self.spans)]
        if refused or message["ask"] != [row.id for row in part]:
            return _line({"refused": f"it is not the turn of {message['ask']!r:.200}"})
        rows = [{"id": row.id, "text": row.text, "voice": row.voice} for row in part]
        children = self._children(message)
        self._begun = (self.clock(), children)
        return _line({"utterances": rows})

    def _children(self, message: dict[str, object]) -> float:
        """CPU seconds of the worker's children: of those that ended, as it says, and of those that run."""
        ended = message.get("children")
        is_number = isinstance(ended, int | float) and math.isfinite(ended)
        return (float(ended) if is_number else 0.0) + self.tree.children_seconds()  # type: ignore[arg-type]


def conversation(job: WorkerJob) -> Conversation:
    """Make the conversation of one process: what it may ask for, part by part."""
    return Conversation(tuple(_parts(job)), job.turn)


def _took(message: dict[str, object]) -> Took | None:
    """Return what a worker says that its last text took; None where it says nothing that could be so."""
    last = message.get("last")
    if not isinstance(last, list) or len(last) != len(fields(Took)):
        return None
    numbers = [float(one) for one in last if isinstance(one, int | float)]
    is_likely = all(math.isfinite(one) and one >= 0 for one in numbers) and all(numbers[::2])
    return Took(*numbers) if len(numbers) == len(last) and is_likely else None


def _parts(job: WorkerJob) -> Iterator[Part]:
    if job.task is Task.PROFILE:
        yield job.utterances[:1]
    for scenario in job.expected:
        if scenario.concurrency > 1:
            yield scenario.utterances
        else:
            yield from ((row,) for row in scenario.utterances)


def _line(message: dict[str, object]) -> bytes:
    return json.dumps(message).encode("ascii") + b"\n"
