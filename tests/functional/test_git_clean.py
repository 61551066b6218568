"""`git clean` deletes modules that patches laid out, and not their imports: one command puts it right."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from cli_driver import Cli, Tree
from git_command import commit_all, git
from toy_catalogue import HEAD

PATCH = (
    HEAD.format(name="told", version=1, effect="exact", device="any").replace("toy/", "sample/")
    + """
[[files]]
paths = ["sample_tts/frontend.py"]
[[files.edits]]
in = "normalise"
decorate = "told"
[[files.edits]]
add_file = "told_calls.py"
import = ["told"]
"""
)
HELPER = "def told(function):\n    return function\n"
OWN = """\
diff --git a/sample_tts/cli.py b/sample_tts/cli.py
--- a/sample_tts/cli.py
+++ b/sample_tts/cli.py
@@ -5,2 +5,3 @@
 import argparse
+import sample_tts.mine
 import time
diff --git a/sample_tts/mine.py b/sample_tts/mine.py
new file mode 100644
--- /dev/null
+++ b/sample_tts/mine.py
@@ -0,0 +1 @@
+x = 1
"""


@pytest.fixture
def repository(sample: Path) -> Path:
    # Bytecode is ignored, as upstream's checkouts have it.
    (sample / ".gitignore").write_text("__pycache__\n")
    commit_all(sample)
    return sample


@pytest.fixture
def patched(cli: Cli, repository: Path, tmp_path: Path) -> Path:
    """Patched by a catalogue's patch that lays a module out."""
    own = tmp_path / "own" / "sample" / "told"
    (own / "files").mkdir(parents=True)
    (own / "patch.toml").write_text(PATCH)
    (own / "files" / "told_calls.py").write_text(HELPER)
    assert cli("apply", repository, "--catalog", tmp_path / "own").code == 0
    assert (repository / "sample_tts" / "told_calls.py").read_text() == HELPER
    assert starts(repository)
    return repository


def starts(checkout: Path) -> bool:
    command = [sys.executable, "-c", "import sample_tts.api, sample_tts.cli"]
    return subprocess.run(command, cwd=checkout, capture_output=True, check=False).returncode == 0


def commands_named(text: str) -> list[str]:
    return re.findall(r"`(ttsopt [^`]*)`", text)


@pytest.mark.parametrize("how", ["-fdq", "-fdxq"])
def test_status_names_one_command_and_that_puts_it_right(
    cli: Cli, patched: Path, tree: Tree, how: str
) -> None:
    before = tree(patched)
    git(patched, "clean", how)
    assert (patched / ".ttsopt").exists() == (how == "-fdq")
    assert not starts(patched)
    (command,) = set(commands_named(cli("status", patched).out))
    found = cli("status", patched, "--json").data
    assert found["next"] == [command]
    done = cli(*shlex.split(command)[1:], "--json")
    assert (done.code, done.data["put_back"]) == (0, ["sample_tts/told_calls.py"])
    assert tree(patched) == before
    assert starts(patched)
    assert cli("status", patched, "--check").code == 0
    assert cli("rollback", patched).out.endswith("every file is as it was before\n")
    assert git(patched, "status", "--short") == ""


@pytest.mark.parametrize("how", ["-fdq", "-fdxq"])
def test_rollback_from_there_gives_the_original_and_speaks_of_no_file_that_is_gone(
    cli: Cli, patched: Path, how: str
) -> None:
    git(patched, "clean", how)
    said = cli("rollback", patched).out
    assert git(patched, "status", "--short") == ""
    assert "told_calls" not in said
    assert said.endswith("every file is as it was before\n")


def test_apply_and_its_plan_bring_it_back_too(cli: Cli, patched: Path, tree: Tree) -> None:
    before = tree(patched)
    git(patched, "clean", "-fdq")
    assert "+++ b/sample_tts/told_calls.py" in cli("plan", patched).out
    assert "would put back sample_tts/told_calls.py" in cli("apply", patched, "--dry-run").out
    assert tree(patched) != before
    assert "put back sample_tts/told_calls.py" in cli("apply", patched).out
    assert tree(patched) == before


def test_a_file_that_was_edited_since_is_no_obstacle(cli: Cli, patched: Path, tree: Tree) -> None:
    with (patched / "sample_tts" / "frontend.py").open("a") as file:
        file.write("# mine\n")
    before = tree(patched)
    git(patched, "clean", "-fdq")
    (command,) = cli("status", patched, "--json").data["next"]
    assert cli(*shlex.split(command)[1:]).code == 0
    assert tree(patched) == before


def test_of_a_patch_file_of_ones_own_the_record_is_enough(
    cli: Cli, repository: Path, tmp_path: Path, tree: Tree
) -> None:
    own = tmp_path / "mine.patch"
    own.write_text(OWN)
    assert cli("apply", repository, "--patch-file", own).code == 0
    before = tree(repository)
    git(repository, "clean", "-fdq")
    (command,) = set(commands_named(cli("status", repository).out))
    assert cli(*shlex.split(command)[1:]).code == 0
    assert tree(repository) == before


def test_what_the_user_put_in_its_place_is_not_replaced(cli: Cli, patched: Path) -> None:
    git(patched, "clean", "-fdq")
    helper = patched / "sample_tts" / "told_calls.py"
    helper.mkdir()
    assert cli("status", patched, "--json").data["next"] == []
    cli("reapply", patched)
    assert helper.is_dir()
