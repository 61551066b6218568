"""git folders that are none, and ones that name programs to run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from all_commands import ALL, FRONTEND, Go, applied
from cli_driver import Cli
from git_command import commit_all, git
from hostile_repository import make_hostile


@pytest.mark.parametrize(
    "data", [None, b"", b"gitdir: /nowhere\n", b"gitdir: ../outside\n", b"\xff"]
)
def test_a_git_folder_that_is_none(go: Go, sample: Path, outside: Path, data: bytes | None) -> None:
    """It is not answered for by a repository above it either."""
    commit_all(sample.parent)
    if data is None:
        (sample / ".git").mkdir()
    else:
        (sample / ".git").write_bytes(data)
    answers = go()
    (found,) = answers["discover"].data["systems"]
    assert found["version_source"] == "package"
    assert applied(answers) == ALL


def test_git_runs_nothing_that_the_checkout_names(go: Go, sample: Path, tmp_path: Path) -> None:
    marks = make_hostile(sample, tmp_path / "marks")
    answers = go()
    (found,) = answers["discover"].data["systems"]
    assert (found["version_source"], found["version"]) == ("git", "v1")
    assert applied(answers) == ALL
    assert marks.found() == set()


def test_comparing_with_a_commit_runs_nothing_that_the_checkout_names(
    cli: Cli, sample: Path, tmp_path: Path
) -> None:
    marks = make_hostile(sample, tmp_path / "marks")
    frontend = sample / FRONTEND
    frontend.write_text(frontend.read_text() + "# edited\n")
    answer = cli("bench", sample, "--against", "v1", "--text", "Hi.", "--rounds", "1", "--json")
    assert (answer.code, answer.data["against"]) == (0, "v1")
    assert marks.found() == set()


def test_an_object_that_is_not_there_is_not_fetched(cli: Cli, sample: Path, tmp_path: Path) -> None:
    marks = make_hostile(sample, tmp_path / "marks")
    frontend = sample / FRONTEND
    blob = git(sample, "-c", "core.fsmonitor=false", "rev-parse", f"HEAD:{FRONTEND}")
    (sample / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    frontend.write_text(frontend.read_text() + "# edited\n")
    answer = cli("bench", sample, "--against", "HEAD", "--json")
    assert (answer.code, answer.error["code"]) == (5, "missing-object")
    assert marks.found() == set()


def test_the_repository_is_as_hostile_as_it_is_said_to_be(sample: Path, tmp_path: Path) -> None:
    """Else the tests above could not fail."""
    marks = make_hostile(sample, tmp_path / "marks")
    (sample / FRONTEND).write_text("edited\n")
    subprocess.run(["git", "diff", "HEAD"], cwd=sample, capture_output=True, check=False)
    assert marks.found() >= {"core.fsmonitor", "filter.evil.process"}
