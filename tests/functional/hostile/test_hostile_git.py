"""git folders that are none, and ones that name programs to run."""

from __future__ import annotations

from pathlib import Path

import pytest
from all_commands import ALL, Go, applied
from git_command import commit_all, git


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
    commit_all(sample)
    script = sample / "run.sh"
    script.write_text(f"#!/bin/sh\ntouch '{tmp_path}/hacked'\n")
    script.chmod(0o755)
    names = ("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external")
    for name in names:
        git(sample, "config", name, str(script))
    answers = go()
    (found,) = answers["discover"].data["systems"]
    assert found["version_source"] == "git"
    assert not (tmp_path / "hacked").exists()
