"""The request of a benchmark on its way: options, the folders of one comparison, the job of one process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
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
from ttsopt.bench.stats.sequential import Line
from ttsopt.domain.limits import Limits
from ttsopt.domain.measurement import Scenario, Side, Utterance
from ttsopt.domain.model_files import ChosenWeights, FoundComponent, Kind
from ttsopt.domain.model_size import Size
from ttsopt.domain.recognition import RecogniserChoice
from ttsopt.domain.text_set import TextSet

PROTOCOL = 2
FRESH, HOT = "fresh", "hot"
REPEAT = "repeat"  # what round 1 spoke, once more in round 2: does a side repeat itself?
RANDOM = "random"
# The noise floor of a resident run, as ratio - 1, where nobody measured it with --aa (docs/benchmarking.md).
RESIDENT_FLOOR = 0.03
FOUND = "found"  # the published ones that were found: of `chosen`, laid out as links


class Task(Enum):
    """The task of a worker process (protocol: in_target/worker.py)."""

    PREPARE = "prepare"
    MEASURE = "measure"
    FILL = "fill"
    TRACE = "trace"
    PROFILE = "profile"
    RECORD = "record"
    SERVE = "serve"


@dataclass(frozen=True, slots=True)
class BenchSpec:
    """The options of `ttsopt bench`, decoded: everything that is asked but the patches, which a plan chooses.

    Baseline: `against` is a folder or a commit in the place of the tree without patches; `against_itself` the
    tree alone. Speech: `texts` take the place of a `text_set`; `weights` is `random`, an absolute folder, or
    `found`: those of `chosen`, whose real components also go among random weights (mixed); `hot`: each utterance
    is said again, apart; `concurrency`: requests at once, the verdict is of the first level.
    Method: rounds are added from `least` to `most` until all is decided or `budget` seconds are spent; `threads`
    0 means as many as this process may use; `time_limit` is in seconds, for one process; `warmup` is the most
    turns that warm a process up. `seed` is the workload's; `order_seed` draws the order of the sides, and is drawn
    itself where it is None. `resident`: both sides stay loaded and speak in turn, in two pairs of processes, which
    must agree beyond `floor`, the noise floor as ratio - 1; `budget` is then that of the whole run.
    Race: a run whose speedup is for sure below `worth` ends at the analysis that finds it, and so does one that is
    decided otherwise than faster: it has lost. While undecided it makes `always` so many rounds, however long they
    take. It goes on from `earlier` runs, by pair of resident processes, whose rounds count.
    """

    python: str = ""
    against: str = ""
    against_itself: bool = False
    texts: tuple[str, ...] = ()
    text_set: TextSet = TextSet.SHORT
    size: Size = Size.TINY
    weights: str = RANDOM
    chosen: ChosenWeights = field(default_factory=ChosenWeights)
    prompt_audio: Path | None = None
    prompt_text: str = ""
    hot: bool = False
    stream: bool = False
    concurrency: tuple[int, ...] = (1,)
    least: int = 5
    most: int = 40
    budget: float = 600.0
    resident: bool = False
    floor: float = RESIDENT_FLOOR
    worth: float = 0.0
    always: int = 0
    earlier: tuple[Line, ...] = ()
    warmup: int = 3
    threads: int = 0
    seed: int = 0
    order_seed: int | None = None
    time_limit: float = 600.0
    limits: Limits = field(default_factory=Limits)
    save_audio: Path | None = None
    profile: Path | None = None
    recogniser: RecogniserChoice | None = None

    @property
    def weights_word(self) -> str:
        """The weights in a word, as results have it: `random`, `mixed`, `found`, `given`."""
        if self.weights == RANDOM:
            return Kind.MIXED.value if self.chosen.real else RANDOM
        return FOUND if self.weights == FOUND else "given"


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
    """A file whose code must be the code that runs: path in the snapshot, module, SHA-256 in hex."""

    path: str
    module: str
    sha256: str
    edits: tuple[WatchedEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class BenchSetup:
    """One comparison laid out in `work`, a new folder of its own: two snapshots and the workload that runs there.

    `import_paths` are relative to a snapshot. `watched` are the files of each side whose code must be the code
    that runs. Speedup and verdict are of the first of the `scenarios`; the others follow in the same process.
    The one called `HOT` says utterances again.
    """

    work: Path
    workload: Path
    import_paths: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    warmup_utterances: tuple[Utterance, ...] = ()
    watched: Mapping[Side, tuple[WatchedFile, ...]] = field(default_factory=dict)

    @property
    def scratch(self) -> Path:
        """The folder that all processes share: what `prepare` writes there, both sides load."""
        return self.work / "scratch"

    @property
    def weights(self) -> Path:
        """The folder in which published weights that were found lie as links."""
        return self.scratch / "weights"

    @property
    def traced(self) -> tuple[Utterance, ...]:
        """The first utterance, and one in another voice: some code runs for a second voice only."""
        first, *others = self.scenarios[0].utterances
        again = replace(first, id=f"{first.id}-again", voice=first.voice + 1)
        return first, next((other for other in others if other.voice != first.voice), again)

    def snapshot(self, side: Side) -> Path:
        """The root of one side's snapshot."""
        return self.work / side.value

    def files(self, side: Side) -> tuple[WatchedFile, ...]:
        """The files of one side whose code must be the code that runs."""
        return self.watched.get(side, ())


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
