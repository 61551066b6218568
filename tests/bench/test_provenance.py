"""Whether the code under test is the code that ran."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench_fakes import loaded, worker_job

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.run.provenance import exercise, patches_never_run, prove
from ttsopt.bench.run.worker_result import WorkerResult
from ttsopt.bench.spec import WatchedEdit, WatchedFile
from ttsopt.domain.measurement import EditExercise
from ttsopt.errors import CannotRunError

FILE = WatchedFile(
    "src/tts/api.py",
    "tts.api",
    "aa",
    (
        WatchedEdit("0", "tts/fast", 1, 1, counts=False),
        WatchedEdit("1", "tts/fast", 10, 12),
        WatchedEdit("2", "tts/other", 20, 20),
    ),
)
OTHER = replace(FILE, path="src/tts/other.py", edits=(WatchedEdit("3", "tts/other", 5, 6),))


def the_job(folder: Path) -> WorkerJob:
    return worker_job(folder, Task.MEASURE, files_after=(FILE,))


def code_of(folder: Path, **changes: Any) -> CannotRunError:
    job = the_job(folder)
    with pytest.raises(CannotRunError) as caught:
        prove(job, WorkerResult(modules=(loaded(job, FILE, **changes),)))
    return caught.value


def test_the_planned_file_proves_itself(tmp_path: Path) -> None:
    job = the_job(tmp_path)
    prove(job, WorkerResult(modules=(loaded(job, FILE),)))


def test_a_file_that_was_never_imported_is_no_error(tmp_path: Path) -> None:
    job = the_job(tmp_path)
    row = loaded(job, FILE, loaded=False, file=None, sha256=None)
    prove(job, WorkerResult(modules=(row,)))


def test_a_snapshot_behind_a_link_is_still_the_snapshot(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    job = the_job(tmp_path / "link")
    file = str(tmp_path.resolve() / "real" / "after" / "src" / "tts" / "api.py")
    prove(job, WorkerResult(modules=(loaded(job, FILE, file=file),)))


def test_a_module_from_elsewhere_is_named_with_both_paths(tmp_path: Path) -> None:
    error = code_of(tmp_path, file="/opt/lib/site-packages/tts/api.py")
    assert error.code == "foreign-module"
    assert "/opt/lib/site-packages/tts/api.py" in error.message
    assert str(tmp_path.resolve() / "after" / "src" / "tts" / "api.py") in error.message


def test_another_copy_inside_the_view_is_foreign_too(tmp_path: Path) -> None:
    error = code_of(tmp_path, file=str(tmp_path.resolve() / "after" / "build" / "tts" / "api.py"))
    assert error.code == "foreign-module"


def test_a_stub_is_foreign(tmp_path: Path) -> None:
    assert "stub" in code_of(tmp_path, file=None, sha256=None).message


def test_other_bytes_than_planned_are_named(tmp_path: Path) -> None:
    error = code_of(tmp_path, sha256="bb")
    assert error.code == "other-source"
    assert "(bb)" in error.message
    assert "(aa)" in error.message


def test_stale_bytecode_is_named(tmp_path: Path) -> None:
    error = code_of(tmp_path, stale_bytecode=True)
    assert error.code == "stale-bytecode"
    assert "api.py" in error.message


def test_a_fall_back_is_never_measured(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="no GPU here") as caught:
        prove(the_job(tmp_path), WorkerResult(fallbacks=("no GPU here",)))
    assert caught.value.code == "fell-back"


def test_edits_are_reported_one_by_one() -> None:
    answer = WorkerResult(executed={"src/tts/api.py": ("1",)})
    assert exercise((FILE, OTHER), answer) == (
        EditExercise("tts/fast", "src/tts/api.py", 1, executed=False),
        EditExercise("tts/fast", "src/tts/api.py", 10, executed=True),
        EditExercise("tts/other", "src/tts/api.py", 20, executed=False),
        EditExercise("tts/other", "src/tts/other.py", 5, executed=False),
    )


@pytest.mark.parametrize(
    ("executed", "never"),
    [
        ({}, ("tts/fast", "tts/other")),
        ({"src/tts/api.py": ("0",)}, ("tts/fast", "tts/other")),
        ({"src/tts/api.py": ("1",)}, ("tts/other",)),
        ({"src/tts/api.py": ("1",), "src/tts/other.py": ("3",)}, ()),
    ],
)
def test_a_patch_counts_as_run_once_an_edit_that_counts_ran(
    executed: dict[str, tuple[str, ...]], never: tuple[str, ...]
) -> None:
    assert patches_never_run((FILE, OTHER), WorkerResult(executed=executed)) == never


def test_of_a_patch_that_only_imports_any_edit_counts() -> None:
    file = replace(FILE, edits=(WatchedEdit("0", "tts/fast", 1, 1, counts=False),))
    assert patches_never_run((file,), WorkerResult(executed={file.path: ("0",)})) == ()
