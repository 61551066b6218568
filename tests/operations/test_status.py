from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from git_command import commit_all, git

from ttsopt.checkout.state.file_state import FileState
from ttsopt.operations.apply import apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.reapply import reapply
from ttsopt.operations.reapply_preview import Prospect
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import CheckoutStatus, status

Toys = Any  # conftest.py of this folder


def states(found: CheckoutStatus) -> dict[str, FileState]:
    return {
        found.checkout.from_directory(path).rpartition("/")[2]: state for path, state in found.files
    }


def prospects(found: CheckoutStatus) -> dict[str, tuple[Prospect, str]]:
    return {row.id.partition("/")[2]: (row.prospect, row.reason) for row in found.gone}


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_applied_is_whole(toys: Toys) -> None:
    found = status(toys.checkout)
    assert (found.patches, found.files, found.state, found.is_whole) == ((), (), "none", True)


def test_applied_is_whole_and_tells_newer_versions(toys: Toys) -> None:
    toys.apply()
    toys.patch("shown", toys.shown, version=4)
    found = status(toys.checkout)
    assert set(states(found).values()) == {FileState.APPLIED}
    assert (found.newer, found.gone, found.state, found.is_whole) == (
        {"toy/shown": 4},
        (),
        ".ttsopt",
        True,
    )


def test_a_stashed_patch_can_be_put_in_again(toys: Toys) -> None:
    commit_all(toys.checkout)
    toys.apply("steps", "shown")
    git(toys.checkout, "stash", "-q", "--", "toy/extra.py")
    found = status(toys.checkout)
    assert states(found) == {"core.py": FileState.APPLIED, "extra.py": FileState.DRIFTED}
    assert prospects(found) == {"shown": (Prospect.REAPPLIABLE, "")}
    assert found.gone[0].paths == ("toy/extra.py",)
    assert not found.is_whole
    reapply(Target(toys.checkout))
    assert status(toys.checkout).is_whole


def test_an_upstream_that_has_the_change_by_now(toys: Toys) -> None:
    commit_all(toys.checkout)
    toys.apply("steps", "shown")
    git(toys.checkout, "checkout", "-q", "toy/extra.py")
    extra = toys.checkout / "toy" / "extra.py"
    # In words of its own: with ttsopt's very line, it might as well be ttsopt's.
    extra.write_text(extra.read_text().replace("steps=32", "steps: int = 7"))
    git(toys.checkout, "commit", "-q", "-m", "next", "toy/extra.py")
    found = status(toys.checkout)
    assert states(found) == {"core.py": FileState.APPLIED, "extra.py": FileState.UPSTREAMED}
    assert prospects(found) == {"shown": (Prospect.UPSTREAMED, "")}
    assert not found.is_whole
    new = extra.read_text()
    rollback(toys.checkout, ["toy/shown"])
    assert extra.read_text() == new
    assert status(toys.checkout).is_whole


def test_an_upstream_that_went_another_way(toys: Toys) -> None:
    commit_all(toys.checkout)
    toys.apply("steps", "shown")
    git(toys.checkout, "checkout", "-q", "toy")
    extra = toys.checkout / "toy" / "extra.py"
    extra.write_text(extra.read_text().replace("32", "16"))
    toys.core.write_text(toys.core.read_text().replace("STEPS = 32", "COUNT = 32"))
    git(toys.checkout, "commit", "-q", "-a", "-m", "next")
    found = status(toys.checkout)
    assert states(found) == {"core.py": FileState.DRIFTED, "extra.py": FileState.DRIFTED}
    told = prospects(found)
    assert {name: prospect for name, (prospect, _) in told.items()} == {
        "steps": Prospect.CONFLICTING,
        "shown": Prospect.CONFLICTING,
    }
    assert "no such construct" in told["steps"][1]
    assert "cannot" in told["shown"][1]


def test_a_file_that_two_patches_share_is_upstreamed_when_both_are(toys: Toys) -> None:
    commit_all(toys.checkout)
    toys.apply("steps", "calls")
    git(toys.checkout, "checkout", "-q", "toy")
    own = toys.core.read_text().replace("import sys", "import os, sys")
    own = own.replace("STEPS = 32", "STEPS = (7)")
    toys.core.write_text(own)
    git(toys.checkout, "commit", "-q", "-a", "-m", "next")
    found = status(toys.checkout)
    assert states(found) == {"core.py": FileState.DRIFTED}
    assert prospects(found) == {
        "calls": (Prospect.REAPPLIABLE, ""),
        "steps": (Prospect.UPSTREAMED, ""),
    }
    for name in ("text", "steps"):
        own = own.replace(f"slow({name})", f"fast( {name}, os.cpu_count() )")
    toys.core.write_text(own)
    git(toys.checkout, "commit", "-q", "-a", "-m", "all of it")
    found = status(toys.checkout)
    assert states(found) == {"core.py": FileState.UPSTREAMED}
    assert {prospect for prospect, _ in prospects(found).values()} == {Prospect.UPSTREAMED}


def test_missing_and_edited_files(toys: Toys) -> None:
    toys.apply("steps", "shown")
    (toys.checkout / "toy" / "extra.py").unlink()
    toys.core.write_text(toys.core.read_text() + "# mine\n")
    found = status(toys.checkout)
    assert states(found) == {"core.py": FileState.EDITED, "extra.py": FileState.MISSING}
    assert prospects(found) == {
        "shown": (Prospect.CONFLICTING, "this version has no such construct")
    }
    assert not found.is_whole


def test_what_is_missing_is_never_said_to_be_there(toys: Toys) -> None:
    """The patch takes the setting in the one file or the other; upstream has it in that which is left."""
    toys.patch("either", toys.shown.replace('py"]', 'py", "toy/core.py"]'))
    toys.apply("either")
    (toys.checkout / "toy" / "extra.py").unlink()
    toys.core.write_text(
        "def show(steps: int = 7):\n    return steps\n\n\n" + toys.core.read_text()
    )
    found = status(toys.checkout)
    assert states(found) == {"extra.py": FileState.MISSING}
    assert prospects(found)["either"] == (Prospect.CONFLICTING, "toy/extra.py: not there")


def test_a_folder_in_the_place_of_a_file_is_a_file_that_is_missing(toys: Toys) -> None:
    toys.apply("steps", "shown")
    extra = toys.checkout / "toy" / "extra.py"
    extra.unlink()
    extra.mkdir()
    found = status(toys.checkout)
    assert states(found) == {"core.py": FileState.APPLIED, "extra.py": FileState.MISSING}
    assert set(prospects(found)) == {"shown"}


HELPED = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
in = "Toy.speak"
decorate = "kept"
[[files.edits]]
add_file = "toy_kept.py"
import = ["kept"]
"""


def test_a_missing_helper_file_that_is_imported_still(toys: Toys) -> None:
    (toys.catalogue / "_helpers").mkdir()
    helper = "def kept(function):\n    return function\n"
    (toys.catalogue / "_helpers" / "toy_kept.py").write_text(helper, encoding="utf-8")
    toys.patch("kept", HELPED)
    toys.apply("kept")
    (toys.checkout / "toy" / "toy_kept.py").unlink()
    found = status(toys.checkout)
    assert states(found) == {"core.py": FileState.APPLIED, "toy_kept.py": FileState.MISSING}
    assert prospects(found) == {"kept": (Prospect.REAPPLIABLE, "")}
    assert found.gone[0].needed == (("toy/toy_kept.py", "toy/core.py"),)
    toys.apply("kept")
    assert status(toys.checkout).is_whole
    for name in ("toy_kept.py", "core.py"):
        (toys.checkout / "toy" / name).unlink()
    assert [row.needed for row in status(toys.checkout).gone] == [()]


def test_a_patch_file_of_the_users_own_has_to_be_given_again(toys: Toys, tmp_path: Path) -> None:
    commit_all(toys.checkout)
    own = tmp_path / "mine.patch"
    own.write_text(
        "--- a/toy/extra.py\n+++ b/toy/extra.py\n@@ -1,2 +1,2 @@\n"
        "-def show(steps=32):\n+def show(steps=5):\n     return steps\n"
    )
    apply(PlanRequest(Target(toys.checkout), Selection(files=(own,))))
    git(toys.checkout, "stash", "-q")
    assert prospects(status(toys.checkout)) == {
        "mine": (Prospect.PATCH_FILE, "it is a patch file of your own")
    }


def test_a_checkout_that_is_no_checkout_any_more(toys: Toys) -> None:
    toys.apply("shown")
    shutil.rmtree(toys.checkout / "toy")
    (toys.checkout / "toy").mkdir()
    (toys.checkout / "toy" / "notes.txt").touch()  # an empty folder may be one that is not mounted
    ((prospect, reason),) = prospects(status(toys.checkout)).values()
    assert (prospect, "no TTS system" in reason) == (Prospect.CONFLICTING, True)


def test_a_patch_that_the_catalogue_does_not_know_any_more(toys: Toys) -> None:
    commit_all(toys.checkout)
    toys.apply("shown")
    git(toys.checkout, "stash", "-q")
    shutil.rmtree(toys.catalogue / "toy" / "shown")
    assert prospects(status(toys.checkout)) == {
        "shown": (Prospect.CONFLICTING, "the catalogue has no such patch")
    }


def test_roots_are_asked_about_each_by_itself(toys: Toys) -> None:
    shutil.copytree(toys.checkout / "toy", toys.checkout / "b" / "toy")
    originals = toys.files()
    apply(toys.request("shown", target=Target(toys.checkout, all_roots=True)))
    (toys.checkout / "b" / "toy" / "extra.py").write_text(originals["b/toy/extra.py"])
    for folder in (toys.checkout, toys.checkout / "b"):
        found = status(folder)
        assert [(row.id, row.root, row.prospect) for row in found.gone] == [
            ("toy/shown", "b", Prospect.REAPPLIABLE)
        ]


def test_the_copy_answers_where_the_folder_was_cleaned_away(toys: Toys) -> None:
    commit_all(toys.checkout)
    toys.apply("steps")
    git(toys.checkout, "clean", "-fdxq")
    assert not toys.state.exists()
    found = status(toys.checkout)
    assert (found.state, states(found), found.is_whole) == (
        "copy",
        {"core.py": FileState.APPLIED},
        False,
    )
    assert not toys.state.exists()


def test_a_copy_of_another_tree_counts_as_nothing(toys: Toys) -> None:
    toys.apply("steps")
    original = toys.core.read_text().replace("import os\n", "").replace("= 7", "= 32")
    shutil.rmtree(toys.state)
    toys.core.write_text(original)
    found = status(toys.checkout)
    assert (found.state, found.patches, found.is_whole) == ("none", (), True)


def test_nothing_is_written(toys: Toys, state_home: Path) -> None:
    commit_all(toys.checkout)
    toys.apply()
    git(toys.checkout, "stash", "-q")
    before = everything(toys.checkout) | everything(state_home)
    assert status(toys.checkout).gone
    assert everything(toys.checkout) | everything(state_home) == before


@pytest.mark.parametrize("patched", [False, True])
def test_where_all_stands_the_planner_is_not_imported(
    toys: Toys, monkeypatch: pytest.MonkeyPatch, patched: bool
) -> None:
    if patched:
        toys.apply()
    late = (
        "ttsopt.operations.reapply_preview",
        "ttsopt.operations.planning",
        "ttsopt.editing.resolve",
    )
    for name in late:
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert status(toys.checkout).is_whole
    assert not set(late) & set(sys.modules)
