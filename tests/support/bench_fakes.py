"""A fake executor and small builders, so that a benchmark can be tested to the digit without processes."""

from __future__ import annotations

import hashlib
import inspect
import math
import struct
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.report.data import report_data
from ttsopt.bench.report.model import BenchReport
from ttsopt.bench.report.report import bench_report
from ttsopt.bench.result import BenchmarkResult
from ttsopt.bench.run.controller import run_benchmark
from ttsopt.bench.run.worker_result import ModuleRow, WorkerResult
from ttsopt.bench.spec import FRESH, BenchSetup, BenchSpec, WatchedFile
from ttsopt.domain.measurement import (
    GateResult,
    Scenario,
    Side,
    SpokenScenario,
    SpokenUtterance,
    Utterance,
    WorkerRound,
)

SOUND = (0.0, 0.5, -0.5, 0.25)
SHORT = Utterance("short", "One sentence.")
LONG = Utterance("long", "Another one.")


def npy(values: Sequence[float], kind: str = "f") -> bytes:
    """A 1-D `.npy` file of float32 ("f") or int32 ("i")."""
    text = f"{{'descr': '<{kind}4', 'fortran_order': False, 'shape': ({len(values)},), }}\n"
    body = array(kind, [int(v) if kind == "i" else v for v in values])
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + body.tobytes()


def bench_spec(*, rounds: int = 2, **changes: Any) -> BenchSpec:
    """A spec on one thread; `rounds`: exactly so many."""
    return BenchSpec(
        **{
            "least": rounds,
            "most": rounds,
            "threads": 1,
            "order_seed": 1,
            "budget": math.inf,
            **changes,
        }
    )


def bench_setup(
    folder: Path,
    *,
    utterances: tuple[Utterance, ...] = (SHORT,),
    concurrency: int = 1,
    further: tuple[Scenario, ...] = (),
    files_before: tuple[WatchedFile, ...] = (),
    files_after: tuple[WatchedFile, ...] = (),
    **changes: Any,
) -> BenchSetup:
    """A setup whose snapshots are real, empty folders of `folder`."""
    given: dict[str, Any] = {
        "work": folder,
        "workload": folder / "workload.py",
        "import_paths": ("src",),
        "scenarios": (Scenario(FRESH, utterances, concurrency), *further),
        "watched": {Side.BEFORE: files_before, Side.AFTER: files_after},
    }
    setup = BenchSetup(**(given | changes))
    for side in Side:
        setup.snapshot(side).mkdir(exist_ok=True, parents=True)
    return setup


SETUP = frozenset(inspect.signature(bench_setup).parameters) | {*BenchSetup.__dataclass_fields__}


def measured(
    folder: Path,
    executor: FakeExecutor,
    progress: Callable[[Any], None] = lambda _: None,
    **changes: Any,
) -> BenchmarkResult:
    """Run a benchmark; changes are those of its spec and of its setup."""
    of_setup = {name: changes.pop(name) for name in SETUP & changes.keys()}
    return run_benchmark(bench_spec(**changes), bench_setup(folder, **of_setup), executor, progress)


SUBJECT: dict[str, Any] = {
    "system": "tts",
    "version": "1.0",
    "patches": ["tts/fast"],
    "against": "",
    "against_itself": False,
    "noise_floor": None,
    "transcripts": [],
    "profiles": [],
    "unmet": [],
    "untraced": [],
}


def reported(
    result: BenchmarkResult, gates: Sequence[GateResult] = (), **subject: Any
) -> BenchReport:
    """The report of a result, about a made-up system."""
    return bench_report({**report_data(result, gates), **SUBJECT, **subject})


def worker_job(folder: Path, task: Task, side: Side = Side.AFTER, **changes: Any) -> WorkerJob:
    """A job; changes are those of its spec and of its setup."""
    of_setup = {name: changes.pop(name) for name in SETUP & changes.keys()}
    control = folder / "control"
    return WorkerJob(bench_spec(**changes), bench_setup(folder, **of_setup), task, side, control)


def spoken_round(rtf: float, audio: float = 2.0, **changes: Any) -> WorkerRound:
    """A round of one utterance with that RTF."""
    given: dict[str, Any] = {"cpu_seconds": 2 * rtf * audio, "sha256": "0", "output_path": ""}
    row = SpokenUtterance(
        id="short", wall_seconds=rtf * audio, audio_seconds=audio, sample_rate=24000, **given
    )
    given = {"load_seconds": 1.0, "warmup_seconds": (0.5,), "peak_rss_bytes": 1024, **changes}
    return WorkerRound(utterances=(row,), **given)


def loaded(job: WorkerJob, planned: WatchedFile, **changes: Any) -> ModuleRow:
    """The row of a planned file that was loaded as planned."""
    given: dict[str, Any] = {
        "path": planned.path,
        "module": planned.module,
        "loaded": True,
        "file": str((job.snapshot / planned.path).resolve()),
        "sha256": planned.sha256,
        "stale_bytecode": False,
    }
    return ModuleRow(**(given | changes))


@dataclass
class FakeExecutor:
    """Answers from figures: the wall seconds of each round, per side; 2 s of audio per utterance.

    `samples` are what each side speaks, and `counters` what it counts, unless `varied` says both for a side and a
    round (1-based; 0 is the trace). `answer` may change an answer before it is given.
    """

    wall: Mapping[Side, Sequence[float]]
    samples: Mapping[Side, Sequence[float]] = field(
        default_factory=lambda: {Side.BEFORE: SOUND, Side.AFTER: SOUND}
    )
    answer: Callable[[WorkerJob, WorkerResult], WorkerResult] = lambda _, answer: answer
    jobs: list[WorkerJob] = field(default_factory=list)
    counters: Mapping[str, float] = field(default_factory=lambda: {"nfe": 32})
    rate: int = 24000
    varied: Callable[[Side, int], tuple[Sequence[float], Mapping[str, float]]] | None = None

    def run(self, job: WorkerJob) -> WorkerResult:
        self.jobs.append(job)
        measured = [row for row in self.jobs if (row.task, row.side) == (Task.MEASURE, job.side)]
        wall = self.wall[job.side][len(measured) - 1] if job.task is Task.MEASURE else 9.0
        number = len(measured) if job.task is Task.MEASURE else 0
        spoken = (
            self.varied(job.side, number)
            if self.varied
            else (self.samples[job.side], self.counters)
        )
        scenarios = {
            row.name: tuple(
                self._speak(job, one.id, wall, spoken, row.name) for one in row.utterances
            )
            for row in job.expected
        }
        whole = {
            row.name: (wall * len(row.utterances), wall) if row.concurrency > 1 else None
            for row in job.expected
        }
        first = scenarios.pop(FRESH, ())
        modules = [loaded(job, row) for row in job.files]
        return self.answer(
            job,
            WorkerResult(
                load_seconds=1.0,
                warmup_seconds=(0.5,),
                utterances=first[:1] if job.task is Task.TRACE else first,
                whole=whole.pop(FRESH, None),
                further={
                    name: SpokenScenario(utterances=rows, whole=whole[name])
                    for name, rows in scenarios.items()
                },
                peak_rss_bytes=1024,
                modules=tuple(modules),
                executed={row.path: tuple(edit.id for edit in row.edits) for row in job.files},
                stubs=("random weights",),
                environment={"python": "3.11.7"},
            ),
        )

    def _speak(
        self,
        job: WorkerJob,
        id_: str,
        wall: float,
        spoken: tuple[Sequence[float], Mapping[str, float]],
        scenario: str,
    ) -> SpokenUtterance:
        content, counters = npy(spoken[0]), spoken[1]
        name = f"output/{id_}.npy" if scenario == FRESH else f"output/{scenario}/{id_}.npy"
        output = job.control / name
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        audio = len(spoken[0]) / self.rate if self.varied else 2.0
        return SpokenUtterance(
            id_, wall, 2 * wall, audio, self.rate, digest, str(output), counters=counters
        )
