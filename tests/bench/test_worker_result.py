"""The answer of a worker, read strictly."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench_fakes import LONG, SHORT, worker_job

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.run.worker_result import WorkerFailure, WorkerResult, read_result
from ttsopt.domain.measurement import Scenario
from ttsopt.errors import CannotRunError

GOOD: dict[str, Any] = {
    "protocol": 2,
    "ok": True,
    "task": "measure",
    "load_seconds": 1,
    "warmup_seconds": [0.5],
    "utterances": [
        {
            "id": "short",
            "wall_seconds": 1.5,
            "cpu_seconds": 1.25,
            "audio_seconds": 2.0,
            "sample_rate": 24000,
            "sha256": "ab",
            "output": "output/short.npy",
            "counters": {"nfe": 32},
            "finite": True,
            "silent": False,
        }
    ],
    "peak_rss_bytes": None,
    "modules": [
        {
            "path": "src/a.py",
            "module": "a",
            "loaded": False,
            "file": None,
            "sha256": None,
            "stale_bytecode": False,
        }
    ],
    "fallbacks": [],
    "stubs": ["random weights"],
    "environment": {"python": "3.11.7", "threads": {"torch": 1}},
}


def job(folder: Path, task: Task = Task.MEASURE) -> WorkerJob:
    return worker_job(folder, task)


def read(folder: Path, message: object) -> WorkerResult | WorkerFailure:
    return read_result(json.dumps(message).encode(), job(folder))


def test_a_good_answer_becomes_a_round(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert isinstance(found, WorkerResult)
    assert (found.rtf, found.load_seconds, found.peak_rss_bytes) == (0.75, 1.0, 0)
    assert found.utterances[0].counters == {"nfe": 32}
    assert found.utterances[0].output_path == str(tmp_path / "control" / "output" / "short.npy")
    assert found.environment["threads"] == {"torch": 1}


def read_busy(folder: Path, whole: object, concurrency: int = 2) -> WorkerResult | WorkerFailure:
    """A second scenario with that `whole` in its result."""
    scenario = Scenario("busy", (SHORT,), concurrency)
    asked = worker_job(folder, Task.MEASURE, further=(scenario,))
    busy = {"utterances": GOOD["utterances"], "whole": whole}
    return read_result(json.dumps(GOOD | {"further": {"busy": busy}}).encode(), asked)


def test_a_further_scenario_is_beside_the_first(tmp_path: Path) -> None:
    found = read_busy(tmp_path, [0.5, 3])
    assert isinstance(found, WorkerResult)
    assert (found.wall_seconds, found.further["busy"].wall_seconds) == (1.5, 0.5)
    assert (found.cpu_seconds, found.further["busy"].cpu_seconds) == (1.25, 3)


@pytest.mark.parametrize(
    ("whole", "concurrency"), [(None, 2), ([0.5, 3], 1), ([0, 3], 2), ([0.5, -1], 2)]
)
def test_the_whole_is_timed_where_several_speak_at_once_and_there_alone(
    tmp_path: Path, whole: object, concurrency: int
) -> None:
    with pytest.raises(CannotRunError, match="busy") as caught:
        read_busy(tmp_path, whole, concurrency)
    assert caught.value.code == "bad-answer"


@pytest.mark.parametrize("further", [{}, {"other": {}}, {"hot": {"utterances": []}}])
def test_a_further_scenario_that_did_not_come_is_named(tmp_path: Path, further: Any) -> None:
    given = {"utterances": GOOD["utterances"]}
    asked = worker_job(tmp_path, Task.MEASURE, further=(Scenario("hot", (SHORT,)),))
    rows = {name: given | row for name, row in further.items()}
    message = json.dumps(GOOD | {"further": rows})
    with pytest.raises(CannotRunError, match="were asked for"):
        read_result(message.encode(), asked)


@pytest.mark.parametrize(
    ("ids", "fits"), [(["short"], True), (["short", "long"], True), ([], False)]
)
def test_a_trace_may_end_early(tmp_path: Path, ids: list[str], fits: bool) -> None:
    asked = worker_job(tmp_path, Task.TRACE, utterances=(SHORT, replace(LONG, voice=1)))
    rows = [GOOD["utterances"][0] | {"id": id_} for id_ in ids]
    message = json.dumps(GOOD | {"utterances": rows}).encode()
    if fits:
        assert isinstance(read_result(message, asked), WorkerResult)
    else:
        with pytest.raises(CannotRunError, match="were asked for"):
            read_result(message, asked)


def test_prepare_answers_without_utterances(tmp_path: Path) -> None:
    message = {"protocol": 2, "ok": True, "task": "prepare", "modules": [], "stubs": []}
    found = read_result(json.dumps(message).encode(), job(tmp_path, Task.PREPARE))
    assert found == WorkerResult()


def test_a_failure_is_a_failure(tmp_path: Path) -> None:
    message = {"protocol": 2, "ok": False, "stage": "load", "error": "E", "message": "m"}
    found = read(tmp_path, message | {"missing_module": None, "traceback": "t"})
    assert found == WorkerFailure("load", "E", "m", None, "t")


def broken(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    message = copy.deepcopy(GOOD)
    inner: Any = message
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return message


ROW = ("utterances", 0)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("protocol",), 1, "protocol 2"),
        (("load_seconds",), "1", "load_seconds"),
        ((*ROW, "wall_seconds"), 0, "short"),
        ((*ROW, "wall_seconds"), True, "wall_seconds"),
        ((*ROW, "wall_seconds"), float("nan"), "wall_seconds"),
        ((*ROW, "audio_seconds"), -1, "short"),
        ((*ROW, "sample_rate"), 24000.5, "sample_rate"),
        ((*ROW, "finite"), 1, "finite"),
        ((*ROW, "id"), "other", "other"),
        ((*ROW, "output"), "../../etc/passwd", "outside"),
        ((*ROW, "output"), "/etc/passwd", "outside"),
        ((*ROW, "counters"), {"nfe": "many"}, "nfe"),
        (("utterances",), [], "were asked for"),
        (("modules", 0, "loaded"), None, "loaded"),
        (("stubs",), [3], "stubs"),
    ],
)
def test_what_makes_no_sense_is_named(
    tmp_path: Path, path: tuple[Any, ...], value: object, named: str
) -> None:
    with pytest.raises(CannotRunError) as caught:
        read(tmp_path, broken(path, value))
    assert caught.value.code == "bad-answer"
    assert named in caught.value.message


SECONDS = [
    (*ROW, "wall_seconds"),
    (*ROW, "cpu_seconds"),
    (*ROW, "audio_seconds"),
    (*ROW, "chunks"),
    ("load_seconds",),
    ("warmup_seconds",),
]
ABSURD = [-1, -1e-9, 1e300, 1e9, 10**400, math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("value", ABSURD, ids=lambda value: str(value)[:9])
@pytest.mark.parametrize("path", SECONDS, ids=lambda path: path[-1])
def test_absurd_seconds_are_refused_by_name(
    tmp_path: Path, path: tuple[Any, ...], value: float
) -> None:
    within = {"warmup_seconds": [0.5, value], "chunks": [[0.1, 0.2], [value, 0.2]]}
    with pytest.raises(CannotRunError) as caught:
        read(tmp_path, broken(path, within.get(path[-1], value)))
    assert caught.value.code == "bad-answer"
    assert path[-1] in caught.value.message


@pytest.mark.parametrize("value", [-1, 10**7 + 1, 2**63, 10**400, 24000.0, math.nan])
def test_an_absurd_sample_rate_is_refused_by_name(tmp_path: Path, value: float) -> None:
    with pytest.raises(CannotRunError, match="sample_rate") as caught:
        read(tmp_path, broken((*ROW, "sample_rate"), value))
    assert len(caught.value.message) < 300


@pytest.mark.parametrize("value", [-1, 2**60, 10**400, 1.5])
@pytest.mark.parametrize("name", ["peak_rss_bytes", "peak_gpu_bytes"])
def test_absurd_memory_is_refused_by_name(tmp_path: Path, name: str, value: float) -> None:
    with pytest.raises(CannotRunError, match=name):
        read(tmp_path, GOOD | {name: value})


@pytest.mark.parametrize("value", [1e300, -1e300, 10**400, math.nan, math.inf])
def test_an_absurd_counter_is_refused_by_name(tmp_path: Path, value: float) -> None:
    with pytest.raises(CannotRunError, match="nfe") as caught:
        read(tmp_path, broken((*ROW, "counters"), {"nfe": value}))
    assert len(caught.value.message) < 300


def test_figures_at_their_limits_are_taken(tmp_path: Path) -> None:
    message = broken((*ROW, "sample_rate"), 10**7) | {"load_seconds": 0, "warmup_seconds": [0.0]}
    message["utterances"][0]["wall_seconds"] = 366 * 86400
    found = read(tmp_path, message | {"peak_rss_bytes": 2**50})
    assert isinstance(found, WorkerResult)
    assert (found.spoken[0].sample_rate, found.peak_rss_bytes) == (10**7, 2**50)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe"])
def test_what_is_no_message_is_a_bad_answer(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CannotRunError) as caught:
        read_result(content, job(tmp_path))
    assert caught.value.code == "bad-answer"


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    message = copy.deepcopy(GOOD)
    del message["utterances"][0]["cpu_seconds"]
    with pytest.raises(CannotRunError, match="cpu_seconds"):
        read(tmp_path, message)


def test_a_recorded_call_has_a_file_below_its_process(tmp_path: Path) -> None:
    message = {**GOOD, "task": "record", "recordings": {"short": "recording/short.json"}}
    found = read_result(json.dumps(message).encode(), job(tmp_path, Task.RECORD))
    assert isinstance(found, WorkerResult)
    assert found.recordings == {"short": "recording/short.json"}


@pytest.mark.parametrize(
    ("recordings", "told"),
    [
        ({}, "recordings of"),
        ({"short": "a.json", "long": "b.json"}, "recordings of"),
        ({"short": "../../elsewhere.json"}, "outside its folder"),
        ({"short": "/etc/passwd"}, "outside its folder"),
        ({"short": 3}, "expected str"),
    ],
)
def test_recordings_that_were_not_asked_for_or_lie_elsewhere(
    tmp_path: Path, recordings: dict[str, Any], told: str
) -> None:
    message = {**GOOD, "task": "record", "recordings": recordings}
    with pytest.raises(CannotRunError, match=told) as error:
        read_result(json.dumps(message).encode(), job(tmp_path, Task.RECORD))
    assert error.value.code == "bad-answer"
