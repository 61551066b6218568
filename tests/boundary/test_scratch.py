"""Scratch folders of runs that are over, dead, and alive."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ttsopt.boundary.scratch import scratch_folder

HOLD = (
    "import sys, time\nfrom ttsopt.boundary.scratch import scratch_folder\n"
    "with scratch_folder('test') as folder:\n"
    "    (folder / 'view').mkdir()\n    print(folder, flush=True)\n    time.sleep(600)"
)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def other() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that has a scratch folder."""
    process = subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.wait()


def folders(temporary: Path) -> set[Path]:
    return set(temporary.iterdir())


def test_a_folder_is_gone_at_the_end(temporary: Path) -> None:
    with scratch_folder("test") as folder:
        (folder / "view").mkdir()
        assert folders(temporary) == {folder}
    assert folders(temporary) == set()


def test_the_folder_of_one_that_lives_stays(other: tuple[subprocess.Popen[str], Path]) -> None:
    with scratch_folder("test"):
        assert (other[1] / "view").is_dir()


def test_the_folder_of_one_that_was_killed_goes(other: tuple[subprocess.Popen[str], Path]) -> None:
    process, folder = other
    process.kill()
    process.wait()
    assert folder.is_dir()
    with scratch_folder("test"):
        assert not folder.exists()


def test_one_that_was_just_made_and_has_no_lock_yet_stays_for_an_hour(temporary: Path) -> None:
    made = temporary / "ttsopt-scratch-test-abcdefgh"
    made.mkdir()
    with scratch_folder("test"):
        assert made.exists()
    os.utime(made, (1, 1))
    with scratch_folder("test"):
        assert not made.exists()


def test_links_and_other_names_are_left_alone(temporary: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    (temporary / "ttsopt-scratch-test-abcdefgh").symlink_to(precious)
    inside = temporary / "ttsopt-scratch-test-aaaaaaaa"
    inside.mkdir()
    (inside / "link").symlink_to(precious)
    (temporary / "ttsopt-demo-audio-abcdefgh").mkdir()
    for folder in (inside, precious, temporary / "ttsopt-demo-audio-abcdefgh"):
        os.utime(folder, (1, 1))
    with scratch_folder("test"):
        assert not inside.exists()
    assert (precious / "file").exists()
    assert len(folders(temporary)) == 2


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="only root can give a folder away")
def test_the_folder_of_another_user_stays(temporary: Path) -> None:
    theirs = temporary / "ttsopt-scratch-test-abcdefgh"
    theirs.mkdir()
    os.utime(theirs, (1, 1))
    os.chown(theirs, 12345, -1)
    with scratch_folder("test"):
        assert theirs.exists()
