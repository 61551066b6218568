"""The result of a worker process, read strictly: a value of the wrong kind is an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import cattrs
from cattrs.gen import make_dict_structure_fn, override

from ttsopt.bench.job import PROTOCOL, Task, WorkerJob
from ttsopt.bench.spec import FRESH
from ttsopt.boundary.parsing import load_json
from ttsopt.domain.measurement import Scenario, SpokenScenario, SpokenUtterance, WorkerRound
from ttsopt.errors import CannotRunError

T = TypeVar("T", int, float)
# Beyond what any run can have: a year, a petabyte, a rate of ultrasound; and 2**53, which a float counts to.
MOST_SECONDS = 366 * 86400.0
MOST_BYTES = 2**50
MOST_HERTZ = 10**7
MOST = 2.0**53


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """Origin of the module of a planned file; `file` None: it has none (a stub)."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerResult(WorkerRound):
    """The result of a task that succeeded: a round as statistics read it, and the evidence of what ran in it.

    `recordings`: the file of each recorded call, by the id of its utterance, named from the process's own folder.
    `clock` is not in its message: the seconds of speaking by the worker's clock, by ttsopt's, of how many texts.
    """

    modules: tuple[ModuleRow, ...] = ()
    executed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fallbacks: tuple[str, ...] = ()
    stubs: tuple[str, ...] = ()
    profile: ProfileRow | None = None
    recordings: Mapping[str, str] = field(default_factory=dict)
    clock: tuple[float, float, int] | None = None


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
        converter = _converter(job.control)
        if message.get("ok") is not True:
            return converter.structure(message, WorkerFailure)
        result = replace(converter.structure(message, WorkerResult), clock=None)
    except ValueError as error:
        raise bad_answer(job, f"not JSON: {error}") from error
    except cattrs.BaseValidationError as error:
        raise bad_answer(job, "; ".join(cattrs.transform_error(error))) from error
    _check(result, job)
    return result


def _check(result: WorkerResult, job: WorkerJob) -> None:
    scenarios: dict[str, SpokenScenario] = {**result.further}
    if job.expected or result.utterances:
        scenarios = {FRESH: result, **scenarios}
    spoken = {name: [one.id for one in row.utterances] for name, row in scenarios.items()}
    expected = _expected(result, job)
    if spoken != expected:
        raise bad_answer(job, f"utterances {expected} were asked for, {spoken} came")
    for scenario in job.expected:
        if scenario.name in scenarios:
            _check_whole(scenarios[scenario.name], scenario, job)
    _check_recordings(result, job)
    for row in result.spoken:
        _check_spoken(row, job)
    for name, value in _figures(result):
        if not 0 <= value <= MOST_SECONDS:
            raise bad_answer(job, f"{name} is {value:g}: not 0 to {MOST_SECONDS:g} seconds")


def _check_spoken(row: SpokenUtterance, job: WorkerJob) -> None:
    if row.wall_seconds <= 0:
        raise bad_answer(job, f"{row.id}: wall_seconds is {row.wall_seconds:g}: not above 0")
    if not 0 <= row.sample_rate <= MOST_HERTZ:
        rate = f"{row.sample_rate:.3g}: not 0 to {MOST_HERTZ} Hz"
        raise bad_answer(job, f"{row.id}: sample_rate is {rate}")
    if not Path(row.output_path).resolve().is_relative_to(job.control.resolve()):
        raise bad_answer(job, f"{row.id}: output {row.output_path} is outside its folder")


def _figures(result: WorkerResult) -> Iterator[tuple[str, float]]:
    """Yield every figure in seconds, with its name."""
    yield "load_seconds", result.load_seconds
    yield from (("warmup_seconds", value) for value in result.warmup_seconds)
    for row in result.spoken:
        yield f"{row.id}: wall_seconds", row.wall_seconds
        yield f"{row.id}: cpu_seconds", row.cpu_seconds
        yield f"{row.id}: audio_seconds", row.audio_seconds
        yield from ((f"{row.id}: chunks", value) for chunk in row.chunks for value in chunk)
    for name, scenario in {FRESH: result, **result.further}.items():
        yield from ((f"{name}: whole", value) for value in scenario.whole or ())


def _expected(result: WorkerResult, job: WorkerJob) -> dict[str, list[str]]:
    """Ids by scenario. A trace may end early; of a resident process no more may be wanted."""
    expected = {row.name: [one.id for one in row.utterances] for row in job.expected}
    if job.task is Task.TRACE and result.utterances:
        expected[FRESH] = expected[FRESH][: len(result.utterances)]
    if job.turn:
        expected = dict(list(expected.items())[: 1 + len(result.further)])
    return expected


def _check_recordings(result: WorkerResult, job: WorkerJob) -> None:
    """A recording for every utterance that was to be recorded, each below the process's own folder."""
    asked = [row.id for row in job.utterances] if job.task is Task.RECORD else []
    if sorted(result.recordings) != sorted(asked):
        raise bad_answer(job, f"recordings of {asked} were asked for, {[*result.recordings]} came")
    for id_, name in result.recordings.items():
        if not (job.control / name).resolve().is_relative_to(job.control.resolve()):
            raise bad_answer(job, f"{id_}: recording {name} is outside its folder")


def _check_whole(spoken: SpokenScenario, scenario: Scenario, job: WorkerJob) -> None:
    """Utterances one by one are timed each by itself; only of several at once does the whole count."""
    whole = spoken.whole
    if (whole is not None) != (scenario.concurrency > 1):
        raise bad_answer(job, f"{scenario.name}: the whole took {whole}, one by one or at once")
    if whole and whole[0] <= 0:
        raise bad_answer(job, f"{scenario.name}: times out of range: {whole}")


def bad_answer(job: WorkerJob, what: str) -> CannotRunError:
    """The worker left something that is no result."""
    return CannotRunError(
        "bad-answer",
        f"the worker's answer ({job.task.value}, {job.side.value} side) makes no sense: {what}",
        f"a defect of the workload {job.setup.workload.name} or of ttsopt: report this message",
    )


def _strict(value: object, kind: type) -> object:
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}, got {value!r:.80}")
    return value


def _integer(value: object, _: type) -> int:
    if type(value) is not int:
        raise TypeError(f"expected int, got {value!r:.80}")
    return _within(value)


def _number(value: object, _: type) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {value!r:.80}")
    return float(_within(value))


def _within(value: T) -> T:
    """Return a number that a float holds to the unit; not a number is within nothing."""
    if not -MOST <= value <= MOST:
        raise ValueError(f"expected a number up to 2**53, got {_short(value)}")
    return value


def _short(value: float) -> str:
    """Return a number in a few letters; Python writes no integer of more than 4300 digits."""
    return f"one of {value.bit_length()} bits" if isinstance(value, int) else repr(value)


def _bytes(value: object, _: type) -> int:
    """Memory; null where unknown."""
    if value is None:
        return 0
    number = _integer(value, int)
    if not 0 <= number <= MOST_BYTES:
        raise ValueError(f"expected 0 to {MOST_BYTES} bytes, got {number}")
    return number


def _converter(control: Path) -> cattrs.Converter:
    """Read strictly; an output is a file below `control`, named from there."""
    converter = cattrs.Converter()
    for kind in (bool, str):
        converter.register_structure_hook(kind, _strict)
    converter.register_structure_hook(int, _integer)
    converter.register_structure_hook(float, _number)
    output = override(rename="output", struct_hook=partial(_output, control))
    converter.register_structure_hook(
        SpokenUtterance,
        make_dict_structure_fn(SpokenUtterance, converter, output_path=output),
    )
    memory = override(struct_hook=_bytes)
    converter.register_structure_hook(
        WorkerResult,
        make_dict_structure_fn(
            WorkerResult, converter, peak_rss_bytes=memory, peak_gpu_bytes=memory
        ),
    )
    return converter


def _output(control: Path, value: object, kind: type) -> str:
    return str(control / str(_strict(value, kind)))
