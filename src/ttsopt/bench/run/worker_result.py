"""What a worker process answered, read strictly: a value of the wrong kind is an error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cattrs

from ttsopt.bench.spec import FRESH, PROTOCOL, Task, WorkerJob
from ttsopt.boundary.parsing import load_json
from ttsopt.domain.measurement import SpokenUtterance, WorkerRound
from ttsopt.errors import CannotRunError


@dataclass(frozen=True, slots=True)
class SpokenRow:
    """An utterance as the worker wrote it down; `output` is relative to the control folder."""

    id: str
    wall_seconds: float
    cpu_seconds: float
    audio_seconds: float
    sample_rate: int
    sha256: str
    output: str
    counters: Mapping[str, float]
    finite: bool
    silent: bool
    chunks: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class PassRow:
    """A pass after the first: its utterances, and the seconds of the whole."""

    name: str
    utterances: tuple[SpokenRow, ...]
    wall_seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """Where the module of a planned file came from; `file` None: it has none (a stand-in)."""

    path: str
    module: str
    loaded: bool
    file: str | None
    sha256: str | None
    stale_bytecode: bool


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A function of the profile: calls, seconds in itself, and with all that it calls."""

    function: str
    file: str
    line: int
    calls: int
    own_seconds: float
    total_seconds: float


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """An operator of torch: calls, and seconds in itself, on the device where there is one."""

    operator: str
    calls: int
    own_seconds: float


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """Where one call spent its time; `memory` is resident bytes after each stage, None: unknown."""

    functions: tuple[FunctionRow, ...]
    operators: tuple[OperatorRow, ...]
    files: tuple[str, ...]
    memory: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class WorkerResult:
    """The result of a task that succeeded; memory None: nobody can say.

    `utterances`, `wall_seconds` and `cpu_seconds` are of the first scenario. `clock` is not in
    its message: the seconds of speaking by the worker's clock, by ttsopt's, and of how many texts.
    """

    load_seconds: float = 0.0
    warmup_seconds: tuple[float, ...] = ()
    utterances: tuple[SpokenRow, ...] = ()
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    further: tuple[PassRow, ...] = ()
    peak_rss_bytes: int | None = None
    peak_gpu_bytes: int | None = None
    modules: tuple[ModuleRow, ...] = ()
    executed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fallbacks: tuple[str, ...] = ()
    stands_in: tuple[str, ...] = ()
    model: Mapping[str, Any] = field(default_factory=dict)
    profile: ProfileRow | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    clock: tuple[float, float, int] | None = None

    @property
    def spoken(self) -> tuple[SpokenRow, ...]:
        """Every utterance, of all scenarios."""
        return (*self.utterances, *(row for one in self.further for row in one.utterances))

    def as_round(self, job: WorkerJob, index: int) -> WorkerRound:
        """As a round of the measurement."""
        first, *others = job.expected
        whole = (self.wall_seconds, self.cpu_seconds)
        made = self._round(job, index, self.utterances, whole if first.concurrency > 1 else None)
        further = {
            row.name: self._round(
                job,
                index,
                row.utterances,
                (row.wall_seconds, row.cpu_seconds) if one.concurrency > 1 else None,
            )
            for one, row in zip(others, self.further, strict=True)
        }
        return replace(made, further=further)

    def _round(
        self,
        job: WorkerJob,
        index: int,
        rows: tuple[SpokenRow, ...],
        whole: tuple[float, float] | None,
    ) -> WorkerRound:
        return WorkerRound(
            side=job.side,
            index=index,
            load_seconds=self.load_seconds,
            warmup_seconds=self.warmup_seconds,
            utterances=tuple(_spoken(row, job.control) for row in rows),
            peak_rss_bytes=self.peak_rss_bytes or 0,
            environment=self.environment,
            peak_gpu_bytes=self.peak_gpu_bytes or 0,
            model=self.model,
            whole=whole,
        )


@dataclass(frozen=True, slots=True)
class WorkerFailure:
    """The result of a task that failed with an exception."""

    stage: str
    error: str
    message: str
    missing_module: str | None = None
    traceback: str = ""


def read_result(content: bytes, job: WorkerJob) -> WorkerResult | WorkerFailure:
    """The result of `job` from its result.json; CannotRunError `bad-answer` says what is wrong."""
    try:
        message = load_json(content)
        if not isinstance(message, dict) or message.get("protocol") != PROTOCOL:
            raise bad_answer(job, f"not a message of protocol {PROTOCOL}")
        if message.get("ok") is not True:
            return _CONVERTER.structure(message, WorkerFailure)
        answer = replace(_CONVERTER.structure(message, WorkerResult), clock=None)
    except ValueError as error:
        raise bad_answer(job, f"not JSON: {error}") from error
    except cattrs.BaseValidationError as error:
        raise bad_answer(job, "; ".join(cattrs.transform_error(error))) from error
    _check(answer, job)
    return answer


def _check(answer: WorkerResult, job: WorkerJob) -> None:
    expected = {row.name: [one.id for one in row.utterances] for row in job.expected}
    spoken = {row.name: [one.id for one in row.utterances] for row in answer.further}
    if expected or answer.utterances:
        spoken = {FRESH: [one.id for one in answer.utterances], **spoken}
    if job.task is Task.TRACE and answer.utterances:
        expected[FRESH] = expected[FRESH][: len(answer.utterances)]
    if spoken != expected:
        raise bad_answer(job, f"utterances {expected} were asked for, {spoken} came")
    for row in answer.spoken:
        if row.wall_seconds <= 0 or row.cpu_seconds < 0 or row.audio_seconds < 0:
            raise bad_answer(job, f"{row.id}: times out of range: {row}")
        output = (job.control / row.output).resolve()
        if not output.is_relative_to(job.control.resolve()):
            raise bad_answer(job, f"{row.id}: output {row.output} is outside its folder")


def _spoken(row: SpokenRow, control: Path) -> SpokenUtterance:
    return SpokenUtterance(
        id=row.id,
        wall_seconds=row.wall_seconds,
        cpu_seconds=row.cpu_seconds,
        audio_seconds=row.audio_seconds,
        sample_rate=row.sample_rate,
        sha256=row.sha256,
        output_path=str(control / row.output),
        counters=row.counters,
        chunks=row.chunks,
    )


def bad_answer(job: WorkerJob, what: str) -> CannotRunError:
    """The worker left something that is no result."""
    return CannotRunError(
        "bad-answer",
        f"the worker's answer ({job.task.value}, {job.side.value} side) makes no sense: {what}",
        f"a defect of the workload {job.request.workload.name} or of ttsopt: report this message",
    )


def _strict(value: object, kind: type) -> object:
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}, got {value!r:.80}")
    return value


def _number(value: object, _: type) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"expected a finite number, got {value!r:.80}")
    return float(value)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    for kind in (bool, int, str):
        converter.register_structure_hook(kind, _strict)
    converter.register_structure_hook(float, _number)
    return converter


_CONVERTER = _converter()
