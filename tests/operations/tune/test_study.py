"""The storage is not trusted: whatever lies in it, the answer is an error of ours or what was measured."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ttsopt.bench.spec import BenchSpec
from ttsopt.checkout.state.location import open_checkout
from ttsopt.errors import CannotRunError, UsageError
from ttsopt.operations.tune.codec import (
    LONGEST,
    job_text,
    measured_text,
    read_job,
    read_measured,
)
from ttsopt.operations.tune.model import Chosen, Files, Job, Kind, Measured, TuneSpec
from ttsopt.operations.tune.place import files_of, place_of
from ttsopt.operations.tune.study import Place, Study, open_study

JOB = Job(Kind.SEARCH, (Chosen("s/a"),), (Chosen("s/a", (("n", 3), ("w", "auto"))), Chosen("s/b")))
LINES = ((1.5, 1.4), (1.6,))
ROW = Measured("faster", 1.5, 1.4, 1.6, None, 3, 2.0, None, "passed", "why", LINES, is_open=True)


def place(file: Path) -> Place:
    return Place(f"sqlite:///{file}", file, str(file), 1, 2)


def opened(file: Path) -> Study:
    return open_study(place(file), "ttsopt-test")


def refused(file: Path) -> str:
    with pytest.raises(CannotRunError) as caught:
        opened(file)
    return caught.value.code


def test_what_is_written_is_read() -> None:
    assert read_job(job_text(JOB)) == JOB
    assert read_measured(measured_text(ROW)) == ROW


JOBS: list[Any] = [
    None,
    7,
    "",
    "{}",
    "[]",
    "[" * 5000,
    '{"kind":"select","before":[],"after":[],"turn":0,"more":1}',
    '{"kind":"other","before":[],"after":[],"turn":0}',
    '{"kind":"select","before":[],"after":{},"turn":0}',
    '{"kind":"select","before":[],"after":[["s/a"]],"turn":0}',
    '{"kind":"select","before":[],"after":[["s/a",{"n":NaN}]],"turn":0}',
    '{"kind":"select","before":[],"after":[["s/a",{"n":[1]}]],"turn":0}',
    '{"kind":"select","before":[],"after":[["s/b",{}],["s/a",{}]],"turn":0}',
    '{"kind":"select","before":[],"after":[["s/a",{}],["s/a",{}]],"turn":0}',
    '{"kind":"select","before":[],"after":[],"turn":-1}',
    " " * (LONGEST + 1),
]


@pytest.mark.parametrize("text", JOBS, ids=range(len(JOBS)))
def test_a_job_that_is_none_is_not_read(text: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_job(text)


WRONG = {
    "verdict": "great",
    "speedup": 0,
    "low": -1,
    "high": "1",
    "surely": float("inf"),
    "rounds": 1.5,
    "seconds": True,
    "distance": float("nan"),
    "quality": "fine",
    "why": "x" * 5000,
    "lines": [[1.0, -1.0]],
    "is_open": 1,
}


@pytest.mark.parametrize("key", WRONG)
def test_an_outcome_with_a_wrong_value_is_not_read(key: str) -> None:
    table = {**json.loads(measured_text(ROW)), key: WRONG[key]}
    with pytest.raises(ValueError, match=r"\w"):
        read_measured(json.dumps(table))


def test_a_file_that_is_no_study_is_refused(tmp_path: Path) -> None:
    text, link, large = tmp_path / "text", tmp_path / "link", tmp_path / "large"
    text.write_text("no database" * 1000)
    link.symlink_to(text)
    with large.open("wb") as file:
        file.truncate(2**30)
    assert refused(text) == "storage-failed"
    assert [refused(one) for one in (link, large, tmp_path)] == ["bad-study"] * 3


def test_what_lies_in_a_study_is_read_strictly(tmp_path: Path) -> None:
    file = tmp_path / "study.db"
    study = opened(file)
    study.enqueue(JOB)
    assert study.ledger().waiting == {JOB}
    study.run_one(lambda _: True, lambda _: ROW)
    assert study.ledger().known == {JOB: ROW}
    study.close()
    with sqlite3.connect(file) as database:
        database.execute("UPDATE trial_user_attributes SET value_json = '\"{}\"'")
    again = opened(file)
    with pytest.raises(CannotRunError) as caught:
        again.ledger()
    again.close()
    assert caught.value.code == "bad-study"


def test_a_study_of_endless_trials_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ttsopt.operations.tune.study.MOST_TRIALS", 20)
    file = tmp_path / "study.db"
    study = opened(file)
    study.close()
    with sqlite3.connect(file) as database:
        rows = ((number, 1, "FAIL") for number in range(21))
        database.executemany("INSERT INTO trials (number, study_id, state) VALUES (?, ?, ?)", rows)
    again = opened(file)
    with pytest.raises(CannotRunError, match="more than"):
        again.ledger()
    again.close()


def test_of_two_trials_of_one_job_one_is_run(tmp_path: Path) -> None:
    study = opened(tmp_path / "study.db")
    ran: list[Job] = []

    def work(job: Job) -> Measured:
        ran.append(job)
        return ROW

    study.enqueue(JOB)
    study.enqueue(JOB)
    for _ in range(3):  # the last finds nothing to do
        study.run_one(lambda _: True, work)
    study.close()
    assert ran == [JOB]


def test_a_storage_that_fails_while_the_outcome_is_written_is_no_defect(tmp_path: Path) -> None:
    file = tmp_path / "study.db"
    study = opened(file)
    study.enqueue(JOB)

    def work(_: Job) -> Measured:
        with sqlite3.connect(file) as database:
            database.execute("DROP TABLE trial_user_attributes")
        return ROW

    with pytest.raises(CannotRunError) as caught:
        study.run_one(lambda _: True, work)
    study.close()
    assert caught.value.code == "storage-failed"


def test_what_breaks_in_the_work_itself_is_told_as_it_is(tmp_path: Path) -> None:
    def work(_: Job) -> Measured:
        raise ZeroDivisionError

    study = opened(tmp_path / "study.db")
    study.enqueue(JOB)
    with pytest.raises(ZeroDivisionError):
        study.run_one(lambda _: True, work)
    assert study.ledger().taken == study.ledger().known.keys() == set()  # it is wanted again
    study.close()


def test_a_job_that_is_not_wanted_is_not_run(tmp_path: Path) -> None:
    """Whoever can write into the storage does not say what is run."""
    study = opened(tmp_path / "study.db")
    study.enqueue(JOB)
    study.run_one(lambda _: False, lambda _: pytest.fail("it was run"))
    assert study.ledger().known == {}
    study.close()


def test_a_job_that_ended_three_workers_is_broken(tmp_path: Path) -> None:
    file = tmp_path / "study.db"
    study = opened(file)
    for _ in range(3):
        study.enqueue(JOB)
    study.close()
    with sqlite3.connect(file) as database:
        database.execute("UPDATE trials SET state = 'FAIL'")
    again = opened(file)
    row = again.ledger().known[JOB]
    again.close()
    assert row.is_broken
    assert row.why == "3 workers died while they measured it"


def test_without_optuna_it_says_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(CannotRunError) as caught:
        opened(tmp_path / "study.db")
    assert caught.value.hint == 'pip install "ttsopt[tune]"'


def test_the_command_itself_imports_no_optuna() -> None:
    code = "import sys, ttsopt.cli.commands_tune, ttsopt.operations.tune.run; print('optuna' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"


def test_a_password_is_not_printed(tmp_path: Path) -> None:
    spec = TuneSpec(BenchSpec(), storage="postgresql://me:secret@h:1/d")
    files = Files(None, tmp_path / "l", tmp_path / "r", is_own_list=True)
    found = place_of(spec, files)
    assert (found.label, found.url) == (
        "postgresql://me@h:1/d",
        "postgresql+psycopg://me:secret@h:1/d",
    )


@pytest.mark.parametrize(
    ("storage", "said"),
    [("mysql://me:pw@h/d", "mysql://me@h/d"), ("a?b.db", "a path with"), ("{x}.db", "a path with")],
)
def test_another_kind_of_storage_is_wrong_use(tmp_path: Path, storage: str, said: str) -> None:
    spec = TuneSpec(BenchSpec(), storage=storage)
    with pytest.raises(UsageError) as caught:
        files_of(open_checkout(tmp_path), spec, None, None)
    assert said in caught.value.message
    assert "pw" not in caught.value.message


def given_up(study: Study, then: BaseException | None = None) -> Callable[[Job], Measured]:
    """Work while which another worker takes this one for dead."""

    def work(_: Job) -> Measured:
        trials, state = study.trials, study.optuna.trial.TrialState
        (row,) = trials.get_trials(states=(state.RUNNING,))
        trials._storage.set_trial_state_values(row._trial_id, state.FAIL)
        if then:
            raise then
        return ROW

    return work


def test_what_a_worker_measured_that_was_taken_for_dead_is_kept(tmp_path: Path) -> None:
    """It was stopped, or starved, for longer than the grace period."""
    study = opened(tmp_path / "study.db")
    study.enqueue(JOB)
    study.run_one(lambda _: True, given_up(study))
    assert study.ledger().known == {JOB: ROW}
    study.enqueue(replace(JOB, turn=1))
    with pytest.raises(KeyboardInterrupt):
        study.run_one(lambda _: True, given_up(study, KeyboardInterrupt()))
    study.close()
