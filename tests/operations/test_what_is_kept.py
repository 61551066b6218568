"""What ttsopt keeps of files: no more open to others than they are, and not lost by two damages at once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from git_command import commit_all, git

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.location import open_checkout
from ttsopt.operations.restore import restore
from ttsopt.operations.rollback import rollback
from ttsopt.operations.status import status

Toys = Any  # conftest.py of this folder
posix = pytest.mark.skipif(os.name == "nt", reason="mode bits")


def open_to_others(*folders: Path) -> set[str]:
    return {
        path.name
        for folder in folders
        for path in [folder, *folder.rglob("*")]
        if path.stat().st_mode & 0o077
    }


@pytest.fixture
def usual_umask() -> Any:
    before = os.umask(0o022)
    yield
    os.umask(before)


@posix
@pytest.mark.usefixtures("usual_umask")
def test_copies_of_a_private_file_are_private(toys: Toys, state_home: Path) -> None:
    for path in toys.checkout.rglob("*.py"):
        path.chmod(0o600)
    toys.apply()
    edited = toys.core.read_bytes().replace(b"STEPS = 7", b"STEPS = 9")
    toys.core.write_bytes(edited)
    originals = list((toys.state / "originals").iterdir())
    assert originals
    assert {path.stat().st_mode & 0o777 for path in originals} == {0o600}
    assert open_to_others(toys.state) == {".ttsopt", "originals", ".gitignore"}
    assert open_to_others(state_home) <= {"last.toml"}
    assert rollback(toys.checkout, force=True).replaced
    assert open_to_others(state_home) <= {"last.toml"}


@posix
@pytest.mark.usefixtures("usual_umask")
def test_copies_of_a_file_that_everybody_may_read_are_read_only(toys: Toys) -> None:
    toys.apply()
    originals = list((toys.state / "originals").iterdir())
    assert {path.stat().st_mode & 0o777 for path in originals} == {0o444}


@posix
@pytest.mark.usefixtures("usual_umask")
def test_a_file_that_became_private_closes_its_copies_with_the_next_step(toys: Toys) -> None:
    toys.apply("steps")
    toys.core.chmod(0o600)
    copied = open_checkout(toys.checkout).copy / "originals"
    toys.apply("calls")
    for place in (toys.state / "originals", copied):
        found = [path for path in place.iterdir() if path.stat().st_size]
        assert found
        assert {path.stat().st_mode & 0o077 for path in found} == {0}


@posix
@pytest.mark.usefixtures("usual_umask")
def test_folders_that_an_older_ttsopt_left_open_are_closed(toys: Toys, state_home: Path) -> None:
    toys.apply("steps")
    folders = [path for path in state_home.rglob("*") if path.is_dir()]
    for path in folders:
        path.chmod(0o755)
    toys.apply("calls")
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def lose(path: Path) -> None:
    path.unlink()


def damage(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(b"?")


Harm = Callable[[Path], None]


@pytest.mark.parametrize("harm", [lose, damage])
def test_an_original_that_is_in_no_store_is_told_before_it_is_needed(
    toys: Toys, harm: Harm
) -> None:
    before = toys.files()
    toys.apply()
    name = sha256(before["toy/core.py"].encode())
    copy = open_checkout(toys.checkout).copy
    harm(toys.state / "originals" / name)
    found = status(toys.checkout)
    assert (found.is_whole, found.lost) == (True, ())  # the user's state folder has it
    harm(copy / "originals" / name)
    found = status(toys.checkout)
    assert (found.is_whole, found.lost) == (False, ("toy/core.py",))
    done = restore(toys.checkout)
    assert [path for path, _ in done.kept] == ["toy/core.py"]
    assert done.restored == ("toy/extra.py",)


def test_an_original_that_is_lost_and_not_needed_is_not_told(toys: Toys) -> None:
    before = toys.files()
    toys.apply()
    for path, text in before.items():
        (toys.checkout / path).write_bytes(text.encode())
    for store in (toys.state, open_checkout(toys.checkout).copy):
        shutil.rmtree(store / "originals")
    assert status(toys.checkout).lost == ()


@pytest.mark.parametrize("harm", [lose, damage])
@pytest.mark.parametrize("journal", ["?", ""])
def test_an_original_and_the_journal_of_its_copy_damaged_at_once_lose_nothing(
    toys: Toys, harm: Harm, journal: str
) -> None:
    before = toys.files()
    toys.apply("steps", "shown")
    copy = open_checkout(toys.checkout).copy
    harm(toys.state / "originals" / sha256(before["toy/core.py"].encode()))
    (copy / "journal.json").write_text(journal)
    toys.apply("calls")
    assert status(toys.checkout).lost == ()
    assert rollback(toys.checkout).refusal is None
    assert toys.files() == before


def has_git_blob(folder: Path, data: bytes) -> bool:
    command = ["git", "-C", str(folder), "hash-object", "--stdin"]
    name = subprocess.run(command, input=data, check=True, capture_output=True).stdout.decode()
    return (
        subprocess.run(
            ["git", "-C", str(folder), "cat-file", "-e", name.strip()], check=False
        ).returncode
        == 0
    )


def test_an_original_that_git_has_but_no_commit_leads_to_is_kept(toys: Toys) -> None:
    """`git add` stored it, and `git gc` deletes it."""
    commit_all(toys.checkout)
    work = toys.core.read_bytes() + b"# not committed\n"
    toys.core.write_bytes(work)
    git(toys.checkout, "add", "toy/core.py")
    git(toys.checkout, "reset", "-q")
    toys.apply()
    toys.core.unlink()
    assert has_git_blob(toys.checkout, work)
    ((path, place),) = rollback(toys.checkout).retired
    assert (path, place.read_bytes()) == ("toy/core.py", work)


@pytest.mark.parametrize("where", ["branch", "stash", "older commit"])
def test_an_original_that_a_commit_has_needs_no_further_place(toys: Toys, where: str) -> None:
    commit_all(toys.checkout)
    toys.core.write_bytes(toys.core.read_bytes() + b"# committed\n")
    apply_after = toys.core.read_bytes()
    if where == "stash":
        git(toys.checkout, "stash", "-q")
    else:
        git(toys.checkout, "checkout", "-q", "-b", "work")
        git(toys.checkout, "commit", "-q", "-a", "-m", "work")
        git(toys.checkout, "checkout", "-q", "-" if where == "branch" else "work")
    toys.core.write_bytes(apply_after)
    toys.apply()
    if where == "older commit":
        git(toys.checkout, "commit", "-q", "-a", "-m", "patched")
    toys.core.unlink()
    assert rollback(toys.checkout).retired == ()
