"""A fake executor and small builders, so that a benchmark can be tested to the digit without processes."""

from __future__ import annotations

import hashlib
import struct
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ttsopt.bench.run.worker_result import ModuleRow, PassRow, SpokenRow, WorkerResult
from ttsopt.bench.spec import FRESH, BenchmarkRequest, Task, WatchedFile, WorkerJob
from ttsopt.domain.measurement import Side, SpokenUtterance, Utterance, WorkerRound

SOUND = (0.0, 0.5, -0.5, 0.25)
SHORT = Utterance("short", "One sentence.")
LONG = Utterance("long", "Another one.")


def npy(values: Sequence[float], kind: str = "f") -> bytes:
    """A 1-D `.npy` file of float32 ("f") or int32 ("i")."""
    text = f"{{'descr': '<{kind}4', 'fortran_order': False, 'shape': ({len(values)},), }}\n"
    body = array(kind, [int(v) if kind == "i" else v for v in values])
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + body.tobytes()


def request(folder: Path, **changes: Any) -> BenchmarkRequest:
    """A request whose views are real, empty folders of `folder`; `rounds`: exactly so many."""
    for name in ("before", "after"):
        (folder / name).mkdir(exist_ok=True, parents=True)
    given: dict[str, Any] = {
        "before_view": folder / "before",
        "after_view": folder / "after",
        "import_paths": ("src",),
        "workload": folder / "workload.py",
        "scratch": folder / "scratch",
        "work": folder / "work",
        "utterances": (SHORT,),
        "order_seed": 1,
    }
    rounds = changes.pop("rounds", 2)
    return BenchmarkRequest(**({"least": rounds, "most": rounds} | given | changes))


def spoken_round(
    side: Side, index: int, rtf: float, audio: float = 2.0, **changes: Any
) -> WorkerRound:
    """A round of one utterance with that RTF."""
    given: dict[str, Any] = {"cpu_seconds": 2 * rtf * audio, "sha256": "0", "output_path": ""}
    row = SpokenUtterance(
        id="short", wall_seconds=rtf * audio, audio_seconds=audio, sample_rate=24000, **given
    )
    return WorkerRound(side, index, 1.0, (0.5,), (row,), 1024, **changes)


def loaded(job: WorkerJob, planned: WatchedFile, **changes: Any) -> ModuleRow:
    """The row of a planned file that was loaded as planned."""
    given: dict[str, Any] = {
        "path": planned.path,
        "module": planned.module,
        "loaded": True,
        "file": str((job.view / planned.path).resolve()),
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
        first = scenarios.pop(FRESH, ())
        modules = [loaded(job, row) for row in job.request.files(job.side)]
        return self.answer(
            job,
            WorkerResult(
                load_seconds=1.0,
                warmup_seconds=(0.5,),
                utterances=first[:1] if job.task is Task.TRACE else first,
                further=tuple(
                    PassRow(name, rows, sum(row.wall_seconds for row in rows), 1.0)
                    for name, rows in scenarios.items()
                ),
                peak_rss_bytes=1024,
                modules=tuple(modules),
                executed={
                    row.path: tuple(edit.id for edit in row.edits)
                    for row in job.request.files(job.side)
                },
                stands_in=("random weights",),
                environment={"python": "3.11.7"},
            ),
        )

    def _speak(
        self,
        job: WorkerJob,
        id_: str,
        wall: float,
        spoken: tuple[Sequence[float], Mapping[str, float]],
        in_pass: str,
    ) -> SpokenRow:
        content, counters = npy(spoken[0]), spoken[1]
        name = f"output/{id_}.npy" if in_pass == FRESH else f"output/{in_pass}/{id_}.npy"
        output = job.control / name
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        return SpokenRow(id_, wall, 2 * wall, 2.0, 24000, digest, name, counters, True, False)
