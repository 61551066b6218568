"""A machine that speaks at speeds that a test says: what a snapshot of the sample takes is told by its text."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench_fakes import SOUND, loaded, npy

from ttsopt.bench.job import Task, Took, WorkerJob
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.bench.spec import FRESH, BenchSpec
from ttsopt.domain.device_class import ANY_DEVICE
from ttsopt.domain.effect import Effect
from ttsopt.domain.measurement import SpokenScenario, SpokenUtterance
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.tune.model import TuneSpec

FOLDED, KEPT = "sample/folded-weight-norm", "sample/kept-speaker-embedding"
REGEX, STEPS = "sample/precompiled-regex", "sample/nfe-step"
# What shows in a file that a patch of the sample was applied, or its value.
MARKS = {
    FOLDED: ("vocoder.py", r"self\._weight\b"),
    KEPT: ("api.py", r"self\._embeddings\b"),
    REGEX: ("frontend.py", r"self\._lexicon\b"),
}
Cost = Callable[[frozenset[str], int], float]


def usual_cost(patches: frozenset[str], steps: int) -> float:
    """Seconds: two that gain, one that costs, and a third of the time in 32 evaluations."""
    work = 4.0 - 1.0 * (FOLDED in patches) - 0.8 * (KEPT in patches) + 0.4 * (REGEX in patches)
    return work + steps / 16


@dataclass
class TunedMachine:
    """In the place of processes: seconds by `cost`, with noise from round to round; `happen` comes before each.

    `sound` says what a set speaks; `idle` are patches whose code never runs.
    """

    cost: Cost = usual_cost
    noise: float = 0.01
    seed: int = 0
    happen: Callable[[WorkerJob], None] = lambda _: None
    sound: Callable[[frozenset[str], int], tuple[float, ...]] = lambda *_: SOUND
    idle: frozenset[str] = frozenset()
    draws: random.Random = field(init=False)
    spoken: list[tuple[frozenset[str], int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draws = random.Random(self.seed)  # noqa: S311

    def __call__(self, *_: object) -> TunedMachine:
        return self

    def run(self, job: WorkerJob) -> WorkerResult:
        self.happen(job)
        patches, steps = state_of(job.snapshot)
        seconds = self.cost(patches, steps) * self.draws.lognormvariate(0, self.noise)
        if job.task is Task.MEASURE:
            self.spoken.append((patches, steps))
        content = npy(self.sound(patches, steps))
        if job.turn:
            rows = self._in_turn(job, patches, content, steps)
        else:
            rows = {row.name: [self._speak(job, one.id, seconds, content, steps) for one in row.utterances] for row in job.expected}  # fmt: skip  # noqa: E501
        first = tuple(rows.pop(FRESH, ()))
        return WorkerResult(
            load_seconds=1.0,
            warmup_seconds=(0.5,),
            utterances=first[:1] if job.task is Task.TRACE else first,
            further={name: SpokenScenario(utterances=tuple(one)) for name, one in rows.items()},
            peak_rss_bytes=1024,
            modules=tuple(loaded(job, row) for row in job.files),
            executed={
                row.path: tuple(edit.id for edit in row.edits if edit.patch not in self.idle)
                for row in job.files
            },
            environment={"python": "3.11.7"},
        )

    def _in_turn(
        self, job: WorkerJob, patches: frozenset[str], content: bytes, steps: int
    ) -> dict[str, list[SpokenUtterance]]:
        """A text a round, as a resident process speaks them."""
        assert job.turn
        rows: dict[str, list[SpokenUtterance]] = {}
        took = None
        for scenario in job.expected:
            if not job.turn.take(took):
                break
            (text,) = scenario.utterances
            seconds = self.cost(patches, steps) * self.draws.lognormvariate(0, self.noise)
            row = self._speak(job, text.id, seconds, content, steps)
            rows[scenario.name] = [row]
            took = Took(row.wall_seconds, row.cpu_seconds, row.audio_seconds)
        return rows

    def _speak(
        self, job: WorkerJob, id_: str, seconds: float, content: bytes, steps: int
    ) -> SpokenUtterance:
        output = job.control / "output" / f"{hashlib.sha256(id_.encode()).hexdigest()[:8]}.npy"
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        counters = {"nfe": float(steps)}
        return SpokenUtterance(
            id_, seconds, seconds, 2.0, 24000, digest, str(output), counters=counters
        )


def state_of(snapshot: Path) -> tuple[frozenset[str], int]:
    """The patches that a snapshot of the sample has, and its function evaluations."""
    folder = snapshot / "sample_tts"
    found = {
        patch
        for patch, (name, mark) in MARKS.items()
        if re.search(mark, (folder / name).read_text(encoding="utf-8"))
    }
    steps = re.search(r"NFE_STEP\w* = (\d+)", (folder / "acoustic.py").read_text(encoding="utf-8"))
    assert steps
    count = int(steps.group(1))
    return frozenset(found | ({STEPS} if count != 32 else set())), count


def tuning(
    checkout: Path,
    *patches: str,
    effect: Effect = Effect.CLOSE,
    settings: tuple[str, ...] = (),
) -> PlanRequest:
    """What is asked of `tune`: all that fits within an effect, or patches by name."""
    everything = not patches
    choice = Selection(patches, effect, ANY_DEVICE, settings, everything=everything)
    return PlanRequest(Target(checkout), choice)


def tune_spec(**changes: object) -> TuneSpec:
    """Options of a quick run: one text on one thread, signs of life each second."""
    is_resident = bool(changes.pop("resident", False))
    texts = () if is_resident else ("Hi.",)
    seed: int = changes.pop("seed", 0)  # type: ignore[assignment]
    bench = BenchSpec(texts=texts, resident=is_resident, threads=1, order_seed=1, seed=seed)
    given: dict[str, object] = {"trials": 0, "heartbeat": 1, "grace": 2, **changes}
    return TuneSpec(bench, **given)  # type: ignore[arg-type]
