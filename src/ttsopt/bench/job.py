"""The job of one worker process: its task, side, texts, and the message that it reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Protocol

from ttsopt.bench.run.variation import (
    FILL_ROUND,
    PROFILE_ROUND,
    TRACE_ROUND,
    longest,
    of_resident_round,
    of_round,
)
from ttsopt.bench.spec import FOUND, FRESH, RANDOM, REPEAT, BenchSetup, BenchSpec, WatchedFile
from ttsopt.domain.measurement import Scenario, Side, Utterance
from ttsopt.domain.model_files import FoundComponent

PROTOCOL = 2


class Task(Enum):
    """The task of a worker process (protocol: in_target/worker.py)."""

    PREPARE = "prepare"
    MEASURE = "measure"
    FILL = "fill"
    TRACE = "trace"
    PROFILE = "profile"
    RECORD = "record"
    SERVE = "serve"


class Turn(Protocol):
    """The part of one resident process in a pair of them; called in the thread that reads what it says."""

    def began(self, pid: int) -> None:
        """Learn the process, which leads a group of its own."""

    def take(self, last: Took | None) -> bool:
        """Wait until it may speak; `last` is what its last text took. False: no more is wanted of it."""
        ...


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of one text by the worker's clocks, and the seconds of its audio."""

    wall: float
    cpu: float
    audio: float


@dataclass(frozen=True, slots=True)
class ServeJob:
    """Recipe by which the task serve starts the checkout's own server, on a free `port` of loopback."""

    script: str
    arguments: tuple[str, ...]
    port: int


@dataclass(frozen=True, slots=True)
class WorkerJob:
    """One process: a task on one side. `control` is its own folder for messages and outputs.

    `round` is 1-based, 0 outside rounds. Texts and voices are those of the round, on both sides. With a `turn` the
    process is one of a resident pair: it speaks a text a round, from that round on, as long as more are wanted.
    """

    spec: BenchSpec
    setup: BenchSetup
    task: Task
    side: Side
    control: Path
    round: int = 0
    turn: Turn | None = None
    serve: ServeJob | None = None

    @property
    def snapshot(self) -> Path:
        """The root of the snapshot that it runs in."""
        return self.setup.snapshot(self.side)

    @property
    def files(self) -> tuple[WatchedFile, ...]:
        """The files whose code must be the code that runs."""
        return self.setup.files(self.side)

    @property
    def variant(self) -> int:
        """The number of its texts and voices, 0-based: what is not timed has none that a round has."""
        apart = {Task.TRACE: TRACE_ROUND, Task.FILL: FILL_ROUND, Task.PROFILE: PROFILE_ROUND}
        return apart.get(self.task, max(0, self.round - 1))

    @property
    def expected(self) -> tuple[Scenario, ...]:
        """The scenarios that it speaks. A trace may end early: once every edit was seen to run."""
        if self.task is Task.TRACE:
            return (Scenario(FRESH, self._of_round(self.setup.traced)),)
        if self.task not in (Task.MEASURE, Task.FILL, Task.RECORD):
            return ()
        if self.turn:
            return self._resident()
        if self.task is Task.FILL and self.spec.resident:
            return self._shortest_and_longest()
        scenarios = tuple(
            replace(row, utterances=self._of_round(row.utterances)) for row in self.setup.scenarios
        )
        first = replace(self.setup.scenarios[0], name=REPEAT)
        return (*scenarios, first) if self.round == 2 else scenarios  # noqa: PLR2004 - the second

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """All that it may speak, or that voices are to be made for, the first of the first scenario in front."""
        spoken = [row for scenario in self.expected for row in scenario.utterances]
        if self.task in (Task.MEASURE, Task.FILL, Task.TRACE, Task.RECORD):
            return tuple(dict.fromkeys(spoken))
        timed = [row for scenario in self.setup.scenarios for row in scenario.utterances]
        return self._of_round(tuple(dict.fromkeys((*timed, *self.setup.traced))))

    def _resident(self) -> tuple[Scenario, ...]:
        """A text a round, each as long as its number says; in a second pair also what the first round spoke.

        One more round than can be wanted: who speaks last has not asked yet whether it was enough.
        """
        numbers = range(self.round, self.spec.most + 2)
        rows = [Scenario(f"round-{number}", (self._resident_text(number),)) for number in numbers]
        rows[0] = replace(rows[0], name=FRESH)
        again = Scenario(REPEAT, (self._resident_text(1),))
        return (*rows[:1], *(() if self.round == 1 else (again,)), *rows[1:])

    def _shortest_and_longest(self) -> tuple[Scenario, ...]:
        """Return what helpers choose kernels for, once for all lengths that are spoken in turn."""
        (first, *_) = self.setup.scenarios
        long = tuple(longest(row, self.variant) for row in first.utterances)
        return (replace(first, utterances=(*self._of_round(first.utterances), *long)),)

    def _resident_text(self, number: int) -> Utterance:
        row = resident_text(self.setup.scenarios[0], number)
        return replace(row, id=f"text-{number}")

    def _mixed(self) -> dict[str, object] | None:
        """The folder of the real components among random weights, and which components are what."""
        chosen = self.spec.chosen
        if self.spec.weights != RANDOM or not chosen.real:
            return None
        real, random = _names(chosen.real), _names(chosen.random)
        return {"folder": str(self.setup.weights), "real": real, "random": random}

    def _of_round(self, rows: tuple[Utterance, ...]) -> tuple[Utterance, ...]:
        return tuple(of_round(row, self.variant) for row in rows)

    def message(self, own: Path) -> dict[str, object]:
        """Return the content of request.json; `own` is the process's own folder. Of texts it has the lengths."""
        spec, setup = self.spec, self.setup
        return {
            "protocol": PROTOCOL,
            "task": self.task.value,
            "workload": str(setup.workload),
            "view": str(self.snapshot),
            "import_paths": list(setup.import_paths),
            "size": spec.size.value,
            "weights": str(setup.weights) if spec.weights == FOUND else spec.weights,
            "mixed": self._mixed(),
            "scratch": str(setup.scratch),
            "own": str(own),
            "utterances": [_without_text(row) for row in self.utterances],
            "warmup": spec.warmup,
            "warmup_utterances": [_utterance(row) for row in setup.warmup_utterances],
            "scenarios": [_scenario(row) for row in self.expected],
            "stream": spec.stream,
            "prompt_audio": str(spec.prompt_audio) if spec.prompt_audio else None,
            "prompt_text": spec.prompt_text or None,
            "seed": spec.seed,
            "threads": spec.threads,
            "serve": asdict(self.serve) if self.serve else None,
            "files": [_file(row) for row in self.files],
        }


def resident_text(scenario: Scenario, number: int) -> Utterance:
    """Return what a resident run speaks in a round (1-based): one text after the other."""
    rows = scenario.utterances
    return of_resident_round(rows[(number - 1) % len(rows)], number - 1)


def _names(components: tuple[FoundComponent, ...]) -> list[str]:
    return [row.component.name for row in components]


def _utterance(utterance: Utterance) -> dict[str, object]:
    return {"id": utterance.id, "text": utterance.text, "voice": utterance.voice}


def _without_text(utterance: Utterance) -> dict[str, object]:
    length = len(utterance.text)
    return {"id": utterance.id, "voice": utterance.voice, "characters": length}


def _scenario(scenario: Scenario) -> dict[str, object]:
    speak = [utterance.id for utterance in scenario.utterances]
    return {"name": scenario.name, "concurrency": scenario.concurrency, "speak": speak}


def _file(file: WatchedFile) -> dict[str, object]:
    edits = [{"id": edit.id, "first": edit.first, "last": edit.last} for edit in file.edits]
    return {"path": file.path, "module": file.module, "sha256": file.sha256, "edits": edits}
