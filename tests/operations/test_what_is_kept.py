"""What ttsopt keeps of files is no more open to others than they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ttsopt.checkout.location import open_checkout
from ttsopt.operations.rollback import rollback

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
