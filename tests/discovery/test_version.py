"""What a checkout's version is told by: git, the package, the code."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_command import commit_all, git
from toy_checkout import SYSTEM, put

from ttsopt.discovery.find import find_systems
from ttsopt.domain.system import FoundSystem


def only(directory: Path) -> FoundSystem:
    (found,) = find_systems(directory, [SYSTEM])
    return found


def repository(directory: Path) -> str:
    commit_all(directory)
    git(directory, "tag", "v1.1.3")
    return git(directory, "rev-parse", "HEAD")


def test_git_knows_the_version_best(tmp_path: Path) -> None:
    commit = repository(put(tmp_path))
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'toy-tts'\nversion = '9'\n", encoding="utf-8"
    )
    version = only(tmp_path).version
    assert (version.label, version.source, version.commit) == ("v1.1.3", "git", commit)


def test_git_environment_of_a_hook_does_not_answer_for_another_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = repository(put(tmp_path / "toy"))
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer" / "x").touch()
    repository(tmp_path / "outer")
    git(tmp_path / "outer", "commit", "--allow-empty", "-q", "-m", "second")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "outer" / ".git"))
    assert only(tmp_path / "toy").version.commit == commit


def test_a_copy_inside_a_repository_does_not_take_its_tags(tmp_path: Path) -> None:
    put(tmp_path / "vendored", "")
    repository(tmp_path)
    assert only(tmp_path).version.source == "code"


@pytest.mark.parametrize("text", ["", "gitdir: /nowhere\n"])
def test_a_git_folder_that_is_none_does_not_pass_the_question_upwards(
    tmp_path: Path, text: str
) -> None:
    root = put(tmp_path / "vendored", "")
    repository(tmp_path)
    if text:
        (root / ".git").write_text(text)
    else:
        (root / ".git").mkdir()
    assert only(tmp_path).version.source == "code"


def test_the_package_says_it_where_git_does_not(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'toy_tts'\nversion = '1.2'\n", encoding="utf-8"
    )
    version = only(tmp_path).version
    assert (version.label, version.source) == ("1.2", "package")


@pytest.mark.parametrize(
    "text", ["[project]\nname = 'service'\nversion = '8'\n", "[project", "project = 7\n"]
)
def test_the_project_around_a_copy_does_not_say_it(tmp_path: Path, text: str) -> None:
    put(tmp_path)
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert only(tmp_path).version.source == "unknown"


def test_an_installed_package_says_it(tmp_path: Path) -> None:
    put(tmp_path, "")
    for name in ("other-3.0.dist-info", "toy_tts-1.1.22.dist-info"):
        (tmp_path / name).mkdir()
    version = only(tmp_path).version
    assert (version.label, version.source) == ("1.1.22", "package")


def test_the_code_says_it_at_last(tmp_path: Path) -> None:
    put(tmp_path / "a", infer="def infer(): ...\ndef infer_fast(): ...\n")
    put(tmp_path / "b", "")
    labels = [one.version.label for one in find_systems(tmp_path, [SYSTEM])]
    assert labels == ["2 or newer", "1"]
