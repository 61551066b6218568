"""The harness itself: it sees every change of the disk, and its power cut loses what was not flushed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from disk_calls import REAL
from faults import NEVER, End, Kind, count_calls, strike_at
from power_cut import Lost, PowerCut
from struck_world import photograph


def replace_durably(folder: Path, *, file: bool = True, names: bool = True) -> None:
    """What a program does that means it to last, each flush left out on demand."""
    handle = os.open(folder / "new", os.O_WRONLY | os.O_CREAT, 0o644)
    with os.fdopen(handle, "wb") as opened:
        opened.write(b"after")
        opened.flush()
        if file:
            os.fsync(handle)
    (folder / "new").replace(folder / "data")
    (folder / "made").mkdir()
    if names:
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    (folder / "end").write_bytes(b"")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    (tmp_path / "kept").mkdir()
    (tmp_path / "folder" / "data").write_bytes(b"before")
    return tmp_path / "folder"


@pytest.mark.parametrize(
    ("lost", "file", "names", "expected"),
    [
        (Lost.ALL, True, True, {"data": b"after", "made": b""}),
        (Lost.ALL, True, False, {"data": b"before"}),
        (Lost.ALL, False, True, {"data": b"", "made": b""}),
        (Lost.CONTENTS, False, False, {"data": b"", "made": b""}),
        (Lost.NOTHING, False, False, {"data": b"after", "made": b""}),
    ],
)
def test_a_power_cut(
    folder: Path, lost: Lost, file: bool, names: bool, expected: dict[str, bytes]
) -> None:
    def act() -> None:
        replace_durably(folder, file=file, names=names)

    last = 4 + file + names  # counted from 0: of `end`
    outcome = strike_at(act, PowerCut(lost, folder.parent / "kept"), last)
    assert outcome.end is End.KILLED
    assert {path: data for path, (_, data) in photograph(folder).items()} == expected


def test_a_power_cut_brings_back_what_was_deleted_in_folders_that_were(folder: Path) -> None:
    def make() -> None:
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a" / "b" / "c").write_bytes(b"c")
        (folder / "a" / "b" / "c").chmod(0o600)

    def delete() -> None:
        shutil.rmtree(folder / "a")
        (folder / "end").mkdir()

    make()
    before = photograph(folder)
    calls = count_calls(delete)
    assert sorted(photograph(folder)) == ["data", "end"]
    (folder / "end").rmdir()
    make()
    strike_at(delete, PowerCut(Lost.ALL, folder.parent / "kept"), calls - 1)
    assert photograph(folder) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "x").write_text("x"),
        lambda folder: (folder / "data").unlink(),
        lambda folder: (folder / "data").chmod(0o600),
        lambda folder: os.utime(folder / "data"),
        lambda folder: (folder / "x").symlink_to("data"),
        lambda folder: shutil.move(folder / "data", folder / "x"),
        lambda folder: shutil.copy(folder / "data", folder / "x"),
        lambda folder: tempfile.mkdtemp(dir=folder),
        lambda folder: os.truncate(folder / "data", 1),
    ],
)
def test_every_change_is_counted(folder: Path, change: Callable[[Path], object]) -> None:
    before = photograph(folder)
    calls = count_calls(lambda: change(folder))
    assert calls
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "data").write_bytes(b"before")
    for at in range(calls):
        assert strike_at(lambda: change(folder), Kind.KILL_BEFORE, at).end is End.KILLED
        if at == 0:
            assert photograph(folder) == before


def test_a_change_that_goes_past_the_harness_is_an_error(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AssertionError, match="not seen"):
        strike_at(lambda: REAL["mkdir"](folder / "unseen"), Kind.EIO, NEVER)
    assert "os.mkdir" in capfd.readouterr().err


def test_errors_and_short_writes(folder: Path) -> None:
    def write() -> None:
        (folder / "data").write_bytes(b"123456")

    outcome = strike_at(write, Kind.SHORT_WRITE, 1)
    assert outcome.end is End.DEFECT
    assert "No space left" in outcome.text
    assert (folder / "data").read_bytes() == b"123"
    assert "Permission denied" in strike_at(write, Kind.EACCES, 0).text
    assert strike_at(write, Kind.INTERRUPT_AFTER, 0).end is End.INTERRUPTED
    assert (folder / "data").read_bytes() == b""


def test_a_disk_that_stays_full_or_read_only(folder: Path) -> None:
    failed: list[str] = []

    def work() -> None:
        for name, action in (
            ("write", lambda: (folder / "a").write_bytes(b"1")),
            ("write again", lambda: (folder / "b").write_bytes(b"1")),
            ("delete", (folder / "data").unlink),
        ):
            try:
                action()
            except OSError:
                failed.append(name)
        raise AssertionError(failed)

    assert "['write', 'write again']" in strike_at(work, Kind.FULL, 0).text
    (folder / "data").write_bytes(b"before")
    assert "['write', 'write again', 'delete']" in strike_at(work, Kind.READ_ONLY, 0).text
