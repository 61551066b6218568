"""Files take the place of others by an exchange of names, or without one; an edit is seen, and stays."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from disk_swaps import Intruder
from saves import MARK, Save, without_exchange

from ttsopt.checkout.fs import exchange as exchanges
from ttsopt.checkout.fs.exchange import exchange, rename_new
from ttsopt.checkout.fs.files import read_if_there, sha256, write_file
from ttsopt.checkout.fs.folder import Folder, open_folder
from ttsopt.checkout.fs.swap import Guard

posix = pytest.mark.skipif(sys.platform == "win32", reason="folders have no descriptors there")
UNKNOWN = [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o640)
    return path


def unneeded(folder: Folder, name: str) -> Path:
    pytest.fail(f"{name} was kept")


def guard(expected: bytes | None) -> Guard:
    return Guard(sha256(expected), unneeded)


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir())


STEPS: dict[str, Callable[[Path, bytes | None], bool]] = {
    "replace": lambda path, there: write_file(path, b"new", 0o600, guard(there)).is_done,
    "delete": lambda path, there: write_file(path, None, 0o600, guard(there)).is_done,
}


@posix
def test_two_names_change_places_or_the_file_system_cannot(source: Path) -> None:
    source.with_name("b.py").write_bytes(b"other")
    with open_folder(source.parent) as folder:
        if not exchange(folder, "a.py", "b.py"):
            pytest.skip("no exchange on this file system")
        assert (source.read_bytes(), source.with_name("b.py").read_bytes()) == (b"other", b"old")
        with pytest.raises(FileNotFoundError):
            exchange(folder, "a.py", "none.py")


@pytest.mark.parametrize("number", [0, *UNKNOWN])
def test_a_new_name_replaces_nothing_with_and_without_the_call(
    source: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    if number:
        without_exchange(monkeypatch, number)
    source.with_name("b.py").write_bytes(b"other")
    with open_folder(source.parent) as folder:
        assert not rename_new(folder, "a.py", "b.py")
        assert names(source) == ["a.py", "b.py"]
        assert rename_new(folder, "a.py", "c.py")
    assert names(source) == ["b.py", "c.py"]


def test_a_new_name_replaces_nothing_where_there_are_no_hard_links_either(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    without_exchange(monkeypatch)
    monkeypatch.setattr(os, "link", refused)
    source.with_name("b.py").write_bytes(b"other")
    with open_folder(source.parent) as folder:
        assert not rename_new(folder, "a.py", "b.py")
        assert rename_new(folder, "a.py", "c.py")
    assert names(source) == ["b.py", "c.py"]


@pytest.mark.parametrize("number", [0, *UNKNOWN])
@pytest.mark.parametrize("step", STEPS)
def test_a_file_that_is_as_expected_is_written(
    source: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    if number:
        without_exchange(monkeypatch, number)
    assert STEPS[step](source, b"old")
    assert read_if_there(source) == (b"new" if step == "replace" else None)
    assert names(source) == (["a.py"] if step == "replace" else [])


@pytest.mark.parametrize("number", [0, *UNKNOWN])
@pytest.mark.parametrize("step", STEPS)
def test_a_file_that_is_not_as_expected_stays_with_its_mode(
    source: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    if number:
        without_exchange(monkeypatch, number)
    inode = source.stat().st_ino
    for there in (b"older", None) if step == "replace" else (b"older",):
        assert not STEPS[step](source, there)
        assert (source.read_bytes(), source.stat().st_mode & 0o777) == (b"old", 0o640)
        assert source.stat().st_ino == inode
        assert names(source) == ["a.py"]


@pytest.mark.parametrize("step", STEPS)
def test_a_file_that_somebody_deleted_is_not_made_again(source: Path, step: str) -> None:
    source.unlink()
    assert not STEPS[step](source, b"old")
    assert names(source) == []


def test_a_missing_folder_is_no_deletion_that_was_done(tmp_path: Path) -> None:
    assert not STEPS["delete"](tmp_path / "none" / "a.py", b"old")


def test_another_error_of_the_call_is_an_error(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_exchange(monkeypatch, errno.EIO)
    with open_folder(source.parent) as folder, pytest.raises(OSError, match=r"\[Errno 5\]"):
        exchange(folder, "a.py", "b.py")


@posix
def test_without_an_exchange_a_save_is_seen_until_right_before_the_rename(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said less: one save, between the check and the rename, is replaced unseen."""
    without_exchange(monkeypatch)
    lost, calls = [], 1
    for at in range(200):
        if at >= calls:
            break
        source.write_bytes(b"old")
        intruder = Intruder(Save(source, by_rename=False).save, at)
        with monkeypatch.context() as patch:
            intruder.enter(patch)
            done = STEPS["replace"](source, b"old")
        calls = max(calls, intruder.calls)
        if MARK not in source.read_bytes():
            assert done
            lost.append(at)
    assert len(lost) <= 2


@posix
def test_an_editor_that_saves_twice_in_a_row_loses_neither(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second save falls between the exchange that displaced the first one, and its way back."""
    kept: list[bytes] = []

    def keep(folder: Folder, name: str) -> Path:
        kept.append((folder.path / name).read_bytes())
        folder.unlink(name)
        return tmp_path / "kept"

    saves = iter([b"first", b"second"])

    def save() -> None:
        source.write_bytes(next(saves))

    real, seen = exchanges.rename_with, 0

    def saved_before(handle: int, name: str, new: str, flags: int) -> None:
        nonlocal seen
        seen += 1
        if seen <= 2:
            save()
        real(handle, name, new, flags)

    monkeypatch.setattr(exchanges, "rename_with", saved_before)
    done = write_file(source, b"new", 0o600, Guard(sha256(b"old"), keep))
    assert not done.is_done
    assert done.kept == (tmp_path / "kept",)
    assert (source.read_bytes(), kept) == (b"second", [b"first"])
    assert names(source) == ["a.py"]
