"""`ttsopt bench --each`: rows are kept as they are measured, whatever becomes of the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from bench_fakes import FakeExecutor
from cli_driver import Cli

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.domain.measurement import Side
from ttsopt.errors import CannotRunError

FOLDED, KEPT = "sample/folded-weight-norm", "sample/kept-speaker-embedding"
ASKED = ("--each", "-p", FOLDED, "-p", KEPT, "--text", "Hi.", "--rounds", "2")
TITLES = [("alone", [FOLDED]), ("alone", [KEPT]), ("left out", [FOLDED]), ("left out", [KEPT])]
TITLES.append(("all", [FOLDED, KEPT]))

Happen = Callable[[int, WorkerJob], None]


@pytest.fixture
def happens(monkeypatch: pytest.MonkeyPatch) -> Callable[[Happen], None]:
    """Put a fake in the place of processes: twice as fast after; something happens in a comparison (from 1)."""

    def install(happen: Happen) -> None:
        comparisons: list[FakeExecutor] = []

        def make(*_: object) -> FakeExecutor:
            number = len(comparisons) + 1

            def answer(job: WorkerJob, result: WorkerResult) -> WorkerResult:
                happen(number, job)
                return result

            wall = {Side.BEFORE: (4.0, 4.0), Side.AFTER: (2.0, 2.0)}
            comparisons.append(FakeExecutor(wall, answer=answer))
            return comparisons[-1]

        monkeypatch.setattr("ttsopt.operations.bench.measure.WorkerExecutor", make)

    return install


def fail_in_second(number: int, _: WorkerJob) -> None:
    if number == 2:
        raise CannotRunError("worker-died", "the worker died", "look at its last lines")


def interrupt_in_third(number: int, _: WorkerJob) -> None:
    if number == 3:
        raise KeyboardInterrupt


def interrupt_after_a_round_of_the_third(number: int, job: WorkerJob) -> None:
    if number == 3 and job.task is Task.MEASURE and job.control.name.startswith("005"):
        raise KeyboardInterrupt


def test_one_patch_that_fails_is_a_row_and_the_rest_goes_on(
    cli: Cli, sample: Path, tmp_path: Path, happens: Callable[[Happen], None]
) -> None:
    happens(fail_in_second)
    saved = tmp_path / "each.json"
    answer = cli("bench", sample, *ASKED, "--save", saved, "--json")
    assert (answer.code, answer.error["code"]) == (5, "each-incomplete")
    assert f"alone {KEPT}: the worker died" in answer.error["message"]
    rows = answer.data["each"]
    assert [(row["kind"], row["patches"]) for row in rows] == TITLES
    assert [row["result"] is None for row in rows] == [False, True, False, False, False]
    assert rows[1]["error"]["code"] == "worker-died"
    assert rows[0]["error"] is None
    assert rows[4]["result"]["speedup"]["value"] == pytest.approx(2)
    assert json.loads(saved.read_text())["each"] == rows


@pytest.mark.parametrize(
    ("happen", "kept"), [(interrupt_in_third, 2), (interrupt_after_a_round_of_the_third, 3)]
)
def test_the_first_interrupt_ends_it_and_keeps_the_rows(
    cli: Cli,
    sample: Path,
    tmp_path: Path,
    happens: Callable[[Happen], None],
    happen: Happen,
    kept: int,
) -> None:
    happens(happen)
    saved = tmp_path / "each.json"
    answer = cli("bench", sample, *ASKED, "--save", saved, "--json")
    assert (answer.code, answer.error["code"]) == (130, "interrupted")
    data = json.loads(saved.read_text())
    assert [(row["kind"], row["patches"]) for row in data["each"]] == TITLES[:kept]
    assert data["each"] == answer.data["each"]
    assert (data["interrupted"], data["planned"]) == (True, 5)
    assert list(tmp_path.glob("*.partial")) == []


def test_each_row_is_saved_before_the_next_comparison_begins(
    cli: Cli, sample: Path, tmp_path: Path, happens: Callable[[Happen], None]
) -> None:
    saved, seen = tmp_path / "each.json", []

    def look(number: int, job: WorkerJob) -> None:
        if job.task is Task.PREPARE:
            rows = json.loads(saved.read_text())["each"] if saved.exists() else []
            seen.append((number, len(rows)))

    happens(look)
    cli("bench", sample, *ASKED, "--save", saved)
    assert seen == [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)]


def test_progress_names_the_patch_and_rows_are_printed(
    cli: Cli, sample: Path, happens: Callable[[Happen], None]
) -> None:
    happens(fail_in_second)
    answer = cli("bench", sample, *ASKED)
    assert f"1/5 alone {FOLDED}: preparing: process 1 of 7" in answer.err
    assert f"4/5 left out {KEPT}: round 2: 2.000x so far" in answer.err
    first, second, *_ = answer.out.splitlines()
    assert first.startswith(f"alone     {FOLDED}  faster: 2.000x (95%: 2.000 to 2.000, 2 rounds)")
    assert second == f"alone     {KEPT}  failed: the worker died"


def test_the_family_wise_error_is_stated(
    cli: Cli, sample: Path, happens: Callable[[Happen], None]
) -> None:
    happens(fail_in_second)
    family = cli("bench", sample, *ASKED, "--json").data["family_wise_error"]
    assert family == {"verdicts": 4, "each": 0.01, "at_most": 0.04}
    told = "4 verdicts, each a false faster or slower with a chance of at most 1%: "
    happens(fail_in_second)
    assert told + "at least one is false with at most 4%" in cli("bench", sample, *ASKED).out
