"""Between versions that git puts there: with a rollback first, and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from git_command import commit_all, git

from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.reapply import reapply
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder
NINE = ("toy/steps.steps=9",)


def applied(toys: Toys) -> dict[str, dict[str, Any]]:
    return {row.id: dict(row.parameters) for row in status(toys.checkout).patches}


def again(toys: Toys) -> str:
    return reapply(Target(toys.checkout)).source


def move_on(toys: Toys) -> str:
    """A new version of the file: other lines above and between, the same constructs."""
    text: str = "# version 2\nimport json\n" + toys.core.read_text().replace(
        "class Toy", "\nclass Toy"
    )
    toys.core.write_text(text)
    return text


def with_nine(text: str) -> str:
    """What `steps` (at 9) and `calls` make of a file, by plain text replacement."""
    for old, new in (("STEPS = 32", "STEPS = 9"), ("import json", "import os\nimport json")):
        text = text.replace(old, new)
    for name in ("text", "steps"):
        text = text.replace(f"slow({name})", f"fast({name}, os.cpu_count())")
    return text


@pytest.fixture
def upstream(toys: Toys, tmp_path: Path) -> Path:
    """A repository that the checkout is a clone of."""
    commit_all(toys.checkout)
    bare = tmp_path / "upstream.git"
    git(tmp_path, "clone", "-q", "--bare", str(toys.checkout), str(bare))
    git(toys.checkout, "remote", "add", "origin", str(bare))
    git(toys.checkout, "fetch", "-q")
    branch = git(toys.checkout, "branch", "--show-current")
    git(toys.checkout, "branch", "-q", f"--set-upstream-to=origin/{branch}")
    return bare


def release(upstream: Path, work: Path, text: str) -> None:
    """Somebody else's commit, upstream."""
    git(upstream.parent, "clone", "-q", str(upstream), str(work))
    (work / "toy" / "core.py").write_text(text)
    git(work, "commit", "-q", "-a", "-m", "next")
    git(work, "push", "-q")


def test_rollback_pull_reapply_gives_the_same_patches_with_their_parameters(
    toys: Toys, upstream: Path, tmp_path: Path
) -> None:
    toys.apply("steps", "calls", settings=NINE)
    before = applied(toys)
    rollback(toys.checkout)
    assert git(toys.checkout, "status", "--short") == ""
    text: str = "# version 2\nimport json\n" + toys.core.read_text()
    release(upstream, tmp_path / "work", text)
    git(toys.checkout, "pull", "-q")
    assert again(toys) == "remembered"
    assert applied(toys) == before
    assert toys.core.read_text() == with_nine(text)
    rollback(toys.checkout)
    assert toys.core.read_text() == text


def test_after_a_stash_reapply_puts_the_patches_in_again(toys: Toys, upstream: Path) -> None:
    toys.apply("steps", "calls", settings=NINE)
    patched, before = toys.files(), applied(toys)
    git(toys.checkout, "stash", "-q")
    assert toys.files() != patched
    assert again(toys) == "applied"
    assert (toys.files(), applied(toys)) == (patched, before)


@pytest.mark.parametrize(
    "way", [("checkout", "-q", "-f", "next"), ("reset", "-q", "--hard", "next")]
)
def test_after_git_put_another_version_there(toys: Toys, way: tuple[str, ...]) -> None:
    commit_all(toys.checkout)
    git(toys.checkout, "checkout", "-q", "-b", "next")
    text = move_on(toys)
    git(toys.checkout, "commit", "-q", "-a", "-m", "next")
    git(toys.checkout, "checkout", "-q", "-")
    toys.apply("steps", "calls", settings=NINE)
    before = applied(toys)
    git(toys.checkout, *way)
    assert toys.core.read_text() == text
    assert again(toys) == "applied"
    assert toys.core.read_text() == with_nine(text)
    assert applied(toys) == before
    rollback(toys.checkout)
    assert toys.core.read_text() == text


OWN = """\
--- a/toy/extra.py
+++ b/toy/extra.py
@@ -1,2 +1,2 @@
-def show(steps=32):
+def show(steps=5):
     return steps
"""


def test_naming_one_patch_after_a_pull_does_not_forget_the_others(toys: Toys) -> None:
    commit_all(toys.checkout)
    toys.apply("steps", "calls", settings=NINE)
    patched = toys.core.read_text()
    git(toys.checkout, "reset", "-q", "--hard")
    toys.apply("shown")
    assert "STEPS = 32" in toys.core.read_text()
    assert again(toys) == "applied"
    assert toys.core.read_text() == patched
    assert applied(toys) == {"toy/calls": {}, "toy/shown": {}, "toy/steps": {"steps": 9}}


def test_an_own_patch_file_that_was_asked_for_can_be_given(toys: Toys, tmp_path: Path) -> None:
    commit_all(toys.checkout)
    own = tmp_path / "mine.patch"
    own.write_text(OWN)
    apply(PlanRequest(Target(toys.checkout), Selection(("toy/steps",), files=(own,))))
    patched = toys.files()
    git(toys.checkout, "reset", "-q", "--hard")
    for _ in range(2):
        (asked_for,) = reapply(Target(toys.checkout)).unknown
        assert (asked_for.patch.id, asked_for.why) == ("file/mine", "patch-file")
    done = reapply(Target(toys.checkout), patch_files=[own])
    assert (done.unknown, done.left_out) == ((), ())
    assert toys.files() == patched


def test_what_did_not_fit_comes_again_when_it_does(toys: Toys) -> None:
    toys.apply("steps", "calls", settings=NINE)
    patched = toys.files()
    rollback(toys.checkout)
    original = toys.core.read_text()
    toys.core.write_text(original.replace("slow(", "swift(").replace("STEPS = 32", "COUNT = 1"))
    done = reapply(Target(toys.checkout))
    assert [patch.id for patch in done.left_out] == ["toy/calls", "toy/steps"]
    assert (len(done.wanted), done.stood, applied(toys)) == (2, (), {})
    toys.core.write_text(original)
    done = reapply(Target(toys.checkout))
    assert (done.source, done.left_out) == ("remembered", ())
    assert toys.files() == patched


def test_a_patch_refused_in_its_new_form_alone_is_not_counted_as_left_out(toys: Toys) -> None:
    toys.apply("steps", "shown")
    toys.core.write_text(toys.core.read_text() + "# mine\n")
    path = toys.catalogue / "toy" / "steps" / "patch.toml"
    path.write_text(path.read_text().replace("${steps}", "${steps} + 0"))
    done = reapply(Target(toys.checkout))
    assert toys.row(done.applied, "steps").why == "changed-since"
    assert (len(done.stood), done.left_out) == (2, ())
