"""Devices where sources are looked for, and patches that aim into git's or ttsopt's own folder by another name."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from all_commands import TARGETS, Go
from cli_driver import Cli
from git_command import commit_all
from surroundings import photograph

NEW_FILE = """--- /dev/null
+++ b/{path}
@@ -0,0 +1 @@
+touch hacked
"""
EDITED = """--- a/{path}
+++ b/{path}
@@ -1 +1 @@
-[core]
+[evil]
"""
ELSEWHERE = [
    ".git/hooks/post-checkout",
    ".GIT/hooks/post-checkout",
    ".Git/hooks/post-checkout",
    "sample_tts/.git/config",
    "hooks-link/post-checkout",
    "git-link/hooks/post-checkout",
    "sample_tts/git-link/hooks/post-checkout",
    ".ttsopt/originals/x",
    ".TTSOPT/journal.json",
    "state-link/journal.json",
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("number", [3, 5, 7])  # /dev/null, /dev/zero, /dev/full
def test_a_target_that_is_a_device(go: Go, sample: Path, target: str, number: int) -> None:
    (sample / target).unlink()
    try:
        os.mknod(sample / target, stat.S_IFCHR | 0o666, os.makedev(1, number))
    except OSError as error:
        pytest.skip(f"only root makes devices: {error}")
    go()


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize("text", [NEW_FILE, EDITED], ids=["new", "edited"])
def test_a_patch_file_that_aims_where_no_patch_belongs(
    cli: Cli, sample: Path, tmp_path: Path, path: str, text: str
) -> None:
    commit_all(sample)
    (sample / "git-link").symlink_to(".git")
    (sample / "hooks-link").symlink_to(".git/hooks")
    (sample / "sample_tts/git-link").symlink_to("../.git")
    (sample / "state-link").symlink_to(".ttsopt")
    own = tmp_path / "own.patch"
    own.write_text(text.format(path=path))
    before = photograph(tmp_path)
    for command in ("plan", "apply"):
        answer = cli(command, sample, "--patch-file", own, "--json")
        assert answer.code in {2, 3}
        assert path in answer.error["message"]
        assert photograph(tmp_path) == before
