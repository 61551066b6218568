"""What people did to patched files since: their bytes stay, in the file or in the user's state folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from git_command import commit_all, git

from ttsopt.checkout.state.file_state import FileState
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder
IMPORT = """
[[files]]
paths = ["toy/core.py"]
[[files.edits]]
insert = "FAST = False"
after = "STEPS = 32"
"""


def state_of(toys: Toys, path: str) -> FileState:
    return dict(status(toys.checkout).files)[path]


@pytest.mark.parametrize("way", ["deleted", "overwritten"])
def test_an_original_that_is_not_put_back_is_kept_beside(toys: Toys, way: str) -> None:
    mine = "# work that git never saw\n" + toys.core.read_text()
    toys.core.write_text(mine)
    toys.apply("steps")
    if way == "deleted":
        toys.core.unlink()
    else:
        commit_all(toys.checkout)
        toys.core.write_text("# another version\n")
        git(toys.checkout, "commit", "-q", "-a", "-m", "next")
    done = rollback(toys.checkout)
    assert done.gone == ("toy/core.py",)
    ((path, place),) = done.retired
    assert (path, place.read_text()) == ("toy/core.py", mine)


def test_an_original_that_git_has_needs_no_further_place(toys: Toys) -> None:
    commit_all(toys.checkout)
    toys.apply("steps")
    toys.core.unlink()
    assert rollback(toys.checkout).retired == ()


def test_an_original_that_apply_lets_go_of_is_kept_and_told(toys: Toys) -> None:
    first = toys.core.read_text()
    mine = first + "\n\n# work that git never saw\n"
    toys.core.write_text(mine)
    toys.apply("steps")
    toys.core.write_text(first + "\n\n# begun anew\n")
    (note,) = toys.apply("steps").notes
    assert Path(note.rpartition(" ")[2]).read_text() == mine
    rollback(toys.checkout)
    assert toys.core.read_text() == first + "\n\n# begun anew\n"


def test_a_patch_gone_from_one_of_its_files_stays_on_record_until_rollback(toys: Toys) -> None:
    commit_all(toys.checkout)
    toys.patch("two", toys.steps_alone + toys.shown)
    toys.apply("two")
    git(toys.checkout, "checkout", "-q", "toy/extra.py")
    toys.apply("calls")
    found = status(toys.checkout)
    assert {row.id for row in found.patches} == {"toy/two", "toy/calls"}
    assert dict(found.files)["toy/extra.py"] is FileState.DRIFTED
    before = toys.files()
    assert rollback(toys.checkout, ["toy/two"]).gone == ("toy/extra.py",)
    assert toys.files()["toy/extra.py"] == before["toy/extra.py"]
    rollback(toys.checkout)
    assert git(toys.checkout, "status", "--porcelain") == ""


def test_force_replaces_the_places_in_the_way_and_keeps_the_rest(toys: Toys) -> None:
    first = toys.core.read_text()
    toys.apply("steps")
    edited = toys.core.read_text().replace("STEPS = 7", "STEPS = 9") + "\n\nMINE = 1\n"
    toys.core.write_text(edited)
    assert rollback(toys.checkout).refusal
    done = rollback(toys.checkout, force=True)
    assert toys.core.read_text() == first + "\n\nMINE = 1\n"
    ((path, place),) = done.replaced
    assert place is not None
    assert (path, place.read_text()) == ("toy/core.py", edited)


def test_an_edit_of_the_only_line_that_a_patch_brought_is_an_edit(toys: Toys) -> None:
    toys.patch("fast", IMPORT)
    commit_all(toys.checkout)
    toys.apply("fast")
    toys.core.write_text(toys.core.read_text().replace("FAST = False", "FAST = True"))
    assert state_of(toys, "toy/core.py") is FileState.EDITED
    edited = toys.core.read_text()
    assert rollback(toys.checkout).refusal
    assert toys.core.read_text() == edited


def test_a_file_that_an_editor_gave_other_line_ends_keeps_them(toys: Toys) -> None:
    def mine(text: bytes) -> bytes:
        return text.replace(b"class Toy:", b"class Toy:\n    mine = 1").replace(b"\n", b"\r\n")

    first = toys.core.read_bytes()
    toys.apply("steps", "calls")
    toys.core.write_bytes(mine(toys.core.read_bytes()))
    done = rollback(toys.checkout)
    assert done.refusal is None
    assert toys.core.read_bytes() == mine(first)


def test_a_syntax_error_of_the_users_own_does_not_stand_in_the_way(toys: Toys) -> None:
    first = toys.core.read_text()
    toys.apply("steps")
    toys.core.write_text(toys.core.read_text() + "\n\n\ndef half_written(:\n")
    assert rollback(toys.checkout).refusal is None
    assert toys.core.read_text() == first + "\n\n\ndef half_written(:\n"


def test_a_folder_in_the_place_of_a_patched_file_is_left_alone(toys: Toys) -> None:
    toys.apply("shown")
    extra = toys.checkout / "toy" / "extra.py"
    extra.unlink()
    extra.mkdir()
    assert state_of(toys, "toy/extra.py") is FileState.MISSING
    assert rollback(toys.checkout).gone == ("toy/extra.py",)
    assert extra.is_dir()


def test_what_a_stash_brings_back_after_a_rollback_is_the_users(toys: Toys) -> None:
    commit_all(toys.checkout)
    toys.apply("steps")
    patched = toys.core.read_text()
    git(toys.checkout, "stash", "-q")
    rollback(toys.checkout)
    git(toys.checkout, "stash", "pop", "-q")
    assert toys.core.read_text() == patched
    assert status(toys.checkout).patches == ()


def test_after_the_state_folder_was_cleaned_away_edits_stay_too(toys: Toys) -> None:
    first = toys.core.read_text()
    toys.apply("steps")
    toys.core.write_text(toys.core.read_text() + "# mine\n")
    shutil.rmtree(toys.state)
    assert rollback(toys.checkout).merged == ("toy/core.py",)
    assert toys.core.read_text() == first + "# mine\n"


def test_the_hint_names_what_kept_an_edited_file_from_being_merged(
    toys: Toys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toys.apply("steps")
    edited = toys.core.read_text() + "# mine\n"
    toys.core.write_text(edited)
    monkeypatch.setenv("PATH", str(tmp_path))
    refusal = rollback(toys.checkout).refusal
    assert refusal is not None
    assert "git, which merges, is not on this machine" in refusal.message
    assert "install it" in refusal.hint
    assert "Take your edits" not in refusal.hint
    assert "--force" in refusal.hint
    assert toys.core.read_text() == edited
