"""Waste without a process: a fake worker's recordings to a report, and patches by the lines that they edit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from bench_fakes import FakeExecutor, bench_setup, bench_spec
from waste_rows import Rows

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.bench.waste.model import PatchHere, WasteReport
from ttsopt.bench.waste.recording import Frame
from ttsopt.cli.show_waste import show_waste, waste_error
from ttsopt.domain.measurement import Side
from ttsopt.errors import CannotRunError, GateFailedError
from ttsopt.operations.waste.patches import EditedLines, patches_of
from ttsopt.operations.waste.report import report_data
from ttsopt.operations.waste.run import recorded
from ttsopt.operations.waste.texts import recorded_calls


def rows() -> Rows:
    made = Rows(seen={"files": [[1, "voice.wav", 2, 0.0]]})
    made.op("aten.mm.default", makes=["dead"], at=7, seconds=3.0)
    return made.op("aten.mm.default", makes=["x"], at=8).sees("x")


@dataclass
class Recorder(FakeExecutor):
    """A worker that records `made` of every call, and names its files `named`."""

    made: Any = None
    named: str = "recording/{}.json"

    def run(self, job: WorkerJob) -> WorkerResult:
        result = super().run(job)
        if job.task is not Task.RECORD:
            return result
        files = {row.id: self.named.format(row.id) for row in job.utterances}
        for name in files.values():
            (self.made or rows()).write(job.control / name)
        return replace(result, recordings=files)


def executor(**changes: Any) -> Recorder:
    return Recorder({Side.BEFORE: (5.0,), Side.AFTER: (5.0,)}, **changes)


def found(folder: Path, worker: Recorder, side: Side = Side.BEFORE) -> WasteReport:
    spec = bench_spec()
    setup = bench_setup(folder, utterances=recorded_calls(spec, ("en",)).utterances)
    _, report = recorded(spec, setup, worker, side, lambda *_: None)
    return report


def data(report: WasteReport, **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "system": "tts",
        "version": "1",
        "size": "tiny",
        "patches": [],
        "fail_over": None,
    }
    nothing = round(100 * report.for_nothing, 3)
    return {**given, "for_nothing": nothing, **report_data(report, "sub/"), **changes}


def test_shares_are_of_the_call_without_the_recorder(tmp_path: Path) -> None:
    report = found(tmp_path, executor())
    never = next(table for table in report.tables if table.name == "never-used")
    assert never.seconds == 3.0
    assert never.share == pytest.approx(3 / 10)  # 10 CPU seconds: twice the fake's wall
    assert report.for_nothing == pytest.approx(0.3)


def test_weights_are_prepared_without_patches_and_the_rest_is_of_the_side_asked_for(
    tmp_path: Path,
) -> None:
    worker = executor()
    found(tmp_path, worker, Side.AFTER)
    assert [(job.task, job.side) for job in worker.jobs] == [
        (Task.PREPARE, Side.BEFORE),
        (Task.RECORD, Side.AFTER),
        (Task.MEASURE, Side.AFTER),
    ]


def test_one_turn_warms_a_process_up(tmp_path: Path) -> None:
    worker = executor()
    found(tmp_path, worker)
    assert {job.message(tmp_path)["warmup"] for job in worker.jobs} == {1}


def test_an_output_that_changes_under_the_recorder_is_not_trusted(tmp_path: Path) -> None:
    def changed(job: WorkerJob, result: WorkerResult) -> WorkerResult:
        if job.task is not Task.RECORD:
            return result
        first, *others = result.utterances
        return replace(result, utterances=(replace(first, sha256="0"), *others))

    report = found(tmp_path, executor(answer=changed))
    assert [call.is_equal for call in report.calls] == [False, True, True, True]
    error = waste_error(data(report, fail_over=0.0))
    assert isinstance(error, CannotRunError)
    assert error.code == "untrusted"
    assert "first" in error.message


def test_a_recording_that_makes_no_sense_is_an_error_of_the_worker(tmp_path: Path) -> None:
    worker = executor(made=Rows(regions=[(9, 0, 0)]).op("mm"))
    with pytest.raises(CannotRunError, match=r"first\.json: not a recording"):
        found(tmp_path, worker)


@pytest.mark.parametrize(("limit", "fails"), [(None, False), (30.1, False), (29.9, True)])
def test_the_gate_is_on_the_share_that_goes_for_nothing(
    tmp_path: Path, limit: float | None, fails: bool
) -> None:
    error = waste_error(data(found(tmp_path, executor()), fail_over=limit))
    assert isinstance(error, GateFailedError) is fails
    assert not error or "30.0 % of a call's time" in error.message


def test_what_is_printed_fits_80_columns_and_names_line_and_patch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = data(found(tmp_path, executor()), version="9" * 90)
    (row,) = told["tables"][0]["rows"]
    row["chain"] = [{"file": "a/" * 60 + "model.py", "line": 7, "function": "speak"}] * 5
    row["patches"] = [{"patch": "tts/quick", "applied": False}]
    show_waste(told)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "30.0 % of a call's time goes for nothing"
    assert any(line.strip().startswith("30.0 %  x1") and "mm" in line for line in lines)
    assert any(line.endswith("a/model.py:7 speak") for line in lines)
    assert any(line.strip() == "tts/quick edits this, and is not applied" for line in lines)
    assert any("x2      voice.wav" in line for line in lines)


def test_the_paths_of_rows_are_from_the_folder_that_was_asked_about(tmp_path: Path) -> None:
    (row,) = data(found(tmp_path, executor()))["tables"][0]["rows"]
    assert row["chain"] == [{"file": "sub/tts/model.py", "line": 7, "function": "speak"}]
    assert (row["operations"], row["count"], row["share"]) == (["aten.mm.default"], 1, 30.0)


def test_with_a_voice_of_ones_own_there_is_no_other_voice() -> None:
    spec = bench_spec(prompt_audio=Path("voice.wav"))
    assert [row.id for row in recorded_calls(spec, ()).utterances] == [
        "first",
        "other-text",
        "again",
    ]


def test_ones_own_texts_are_what_is_said() -> None:
    said = [row.text for row in recorded_calls(bench_spec(texts=("One.", "Two.")), ()).utterances]
    assert said == ["One.", "Two.", "One.", "One."]
    (first, second, *_) = recorded_calls(bench_spec(texts=("One.",)), ("zh",)).utterances
    assert (first.text, len(second.text) > 5) == ("One.", True)


HERE = PatchHere("tts/quick", is_applied=False)
CHAIN = (
    Frame("a.py", 12, "inner", 10),
    Frame("b.py", 33, "middle", 30),
    Frame("c.py", 53, "origin", 50),
    Frame("d.py", 73, "outside", 70),
)


@pytest.mark.parametrize(
    ("path", "first", "last", "insertion", "concerned"),
    [
        ("a.py", 12, 12, False, True),
        ("a.py", 11, 13, False, True),
        ("a.py", 13, 14, False, False),
        ("b.py", 33, 33, False, True),
        ("e.py", 12, 12, False, False),
        ("d.py", 73, 73, False, False),  # it calls the origin, and others
        ("d.py", 70, 70, True, False),
        ("a.py", 11, 11, True, True),  # inserted in front of the line, in the function that runs
        ("a.py", 13, 13, True, False),
        ("a.py", 9, 9, True, False),
        ("b.py", 31, 31, True, False),  # in a function between: something else
        ("b.py", 30, 30, True, True),  # a decorator of it
        ("c.py", 52, 52, True, True),
    ],
)
def test_a_patch_concerns_a_chain_by_the_lines_that_it_edits(
    path: str, first: int, last: int, insertion: bool, concerned: bool
) -> None:
    edits = {path: [EditedLines(HERE, first, last, insertion)]}
    assert patches_of(CHAIN, 2, edits) == ((HERE,) if concerned else ())
