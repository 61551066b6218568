"""What a benchmark is asked to do, and the one process of it that an executor runs at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from ttsopt.bench.run.variation import FILL_ROUND, PROFILE_ROUND, TRACE_ROUND, of_round
from ttsopt.domain.measurement import Scenario, Side, Utterance

PROTOCOL = 2
FRESH, HOT = "fresh", "hot"
REPEAT = "repeat"  # what round 1 spoke, once more in round 2: does a side repeat itself?


class Task(Enum):
    """What a worker process does (protocol: in_target/worker.py)."""

    PREPARE = "prepare"
    MEASURE = "measure"
    FILL = "fill"
    TRACE = "trace"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class WatchedEdit:
    """Lines `first` to `last` (1-based, inclusive) of a file as planned, and whose patch they are.

    `counts` is False for an edit that runs by itself when its file is imported, such as an import
    statement: that it ran does not show that the patch did anything.
    """

    id: str
    patch: str
    first: int
    last: int
    counts: bool = True


@dataclass(frozen=True, slots=True)
class WatchedFile:
    """A file whose code must be the code that runs: path in the view, module, SHA-256 in hex."""

    path: str
    module: str
    sha256: str
    edits: tuple[WatchedEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class BenchmarkRequest:
    """Two views, one workload, and how often to run it.

    `workload` is run against both views. `scratch` is shared by all processes: what `prepare` wrote
    there (random weights, a voice) is what both sides load. `work` is a new folder of this
    benchmark alone: messages, outputs, bytecode. `weights` is `random` or an absolute folder.
    `seed` is the workload's; `order_seed` draws the order of the sides, at random (and recorded in
    the result) where it is None. Rounds are added, from `least` to `most`, until all is decided or
    `budget` seconds are spent. `warmup` is the most turns of `warmup_utterances` that warm a process up.
    Speedup and verdict are of `utterances`, spoken by `concurrency` threads; `further` scenarios follow in the
    same process. One called `HOT` says utterances again.
    """

    before_view: Path
    after_view: Path
    import_paths: tuple[str, ...]
    workload: Path
    scratch: Path
    work: Path
    utterances: tuple[Utterance, ...]
    files_before: tuple[WatchedFile, ...] = ()
    files_after: tuple[WatchedFile, ...] = ()
    size: str = "tiny"
    weights: str = "random"
    least: int = 5
    most: int = 5
    budget: float = math.inf
    warmup: int = 3
    warmup_utterances: tuple[Utterance, ...] = ()
    stream: bool = False
    concurrency: int = 1
    further: tuple[Scenario, ...] = ()
    prompt_audio: str | None = None
    prompt_text: str | None = None
    seed: int = 0
    threads: int = 1
    order_seed: int | None = None

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All that is timed in a process, in this order."""
        return (Scenario(FRESH, self.utterances, self.concurrency), *self.further)

    @property
    def traced(self) -> tuple[Utterance, ...]:
        """The first utterance, and one in another voice: some code runs for a second voice only."""
        first, *others = self.utterances
        again = replace(first, id=f"{first.id}-again", voice=first.voice + 1)
        return first, next((row for row in others if row.voice != first.voice), again)

    def view(self, side: Side) -> Path:
        """The root of one side's view."""
        return self.before_view if side is Side.BEFORE else self.after_view

    def files(self, side: Side) -> tuple[WatchedFile, ...]:
        """The files of one side whose code must be the code that runs."""
        return self.files_before if side is Side.BEFORE else self.files_after


@dataclass(frozen=True, slots=True)
class WorkerJob:
    """One process: a task on one side. `control` is its own folder for messages and outputs.

    `round` is 1-based, 0 outside rounds. Texts and voices are those of the round, on both sides.
    """

    request: BenchmarkRequest
    task: Task
    side: Side
    control: Path
    round: int = 0

    @property
    def view(self) -> Path:
        """The root of the view that it runs in."""
        return self.request.view(self.side)

    @property
    def variant(self) -> int:
        """The number of its texts and voices, 0-based: what is not timed has none that a round has."""
        apart = {Task.TRACE: TRACE_ROUND, Task.FILL: FILL_ROUND, Task.PROFILE: PROFILE_ROUND}
        return apart.get(self.task, max(0, self.round - 1))

    @property
    def expected(self) -> tuple[Scenario, ...]:
        """What it speaks, in this order. A trace may end early: once every edit was seen to run."""
        if self.task is Task.TRACE:
            return (Scenario(FRESH, self._of_round(self.request.traced)),)
        if self.task not in (Task.MEASURE, Task.FILL):
            return ()
        scenarios = tuple(
            replace(row, utterances=self._of_round(row.utterances))
            for row in self.request.scenarios
        )
        first = replace(self.request.scenarios[0], name=REPEAT)
        return (*scenarios, first) if self.round == 2 else scenarios  # noqa: PLR2004 - the second

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """All that it may speak, or that voices are to be made for; the first one of the request goes first."""
        spoken = [row for one in self.expected for row in one.utterances]
        if self.task in (Task.MEASURE, Task.FILL, Task.TRACE):
            return tuple(dict.fromkeys(spoken))
        timed = [row for one in self.request.scenarios for row in one.utterances]
        return self._of_round(tuple(dict.fromkeys((*timed, *self.request.traced))))

    def _of_round(self, rows: tuple[Utterance, ...]) -> tuple[Utterance, ...]:
        return tuple(of_round(row, self.variant) for row in rows)

    def message(self, own: Path) -> dict[str, object]:
        """The content of request.json; `own` is the folder of this process alone. Of texts it has the lengths."""
        request = self.request
        return {
            "protocol": PROTOCOL,
            "task": self.task.value,
            "workload": str(request.workload),
            "view": str(self.view),
            "import_paths": list(request.import_paths),
            "size": request.size,
            "weights": request.weights,
            "scratch": str(request.scratch),
            "own": str(own),
            "utterances": [_without_text(row) for row in self.utterances],
            "warmup": request.warmup,
            "warmup_utterances": [_utterance(row) for row in request.warmup_utterances],
            "scenarios": [_scenario(row) for row in self.expected],
            "stream": request.stream,
            "prompt_audio": request.prompt_audio,
            "prompt_text": request.prompt_text,
            "seed": request.seed,
            "threads": request.threads,
            "files": [_file(row) for row in request.files(self.side)],
        }


def _utterance(row: Utterance) -> dict[str, object]:
    return {"id": row.id, "text": row.text, "voice": row.voice}


def _without_text(row: Utterance) -> dict[str, object]:
    return {"id": row.id, "voice": row.voice, "characters": len(row.text)}


def _scenario(row: Scenario) -> dict[str, object]:
    speak = [one.id for one in row.utterances]
    return {"name": row.name, "concurrency": row.concurrency, "speak": speak}


def _file(file: WatchedFile) -> dict[str, object]:
    edits = [{"id": row.id, "first": row.first, "last": row.last} for row in file.edits]
    return {"path": file.path, "module": file.module, "sha256": file.sha256, "edits": edits}
