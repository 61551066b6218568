from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ttsopt.checkout.files import read_file, remove_leftovers, replace_file
from ttsopt.errors import CannotRunError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a[1].py"
    path.write_bytes(b"x = 1\n")
    return path


def test_replaces_the_bytes_and_keeps_the_mode(source: Path) -> None:
    source.chmod(0o751)
    before = source.stat().st_ino
    replace_file(source, b"x = 4\n")
    assert source.read_bytes() == b"x = 4\n"
    assert stat.S_IMODE(source.stat().st_mode) == 0o751
    assert source.stat().st_ino != before
    assert [path.name for path in source.parent.iterdir()] == [source.name]


def test_another_link_to_the_file_keeps_its_bytes(source: Path, tmp_path: Path) -> None:
    # pip and uv link installed files from a cache that other environments share.
    other = tmp_path / "cache.py"
    os.link(source, other)
    replace_file(source, b"new")
    assert other.read_bytes() == b"x = 1\n"


def test_drops_the_bytecode_of_that_module_alone(source: Path) -> None:
    cache = source.parent / "__pycache__"
    cache.mkdir()
    own = [cache / "a[1].cpython-311.pyc", cache / "a[1].cpython-311.opt-2.pyc"]
    others = [
        cache / "a1.cpython-311.pyc",
        cache / "b.cpython-311.pyc",
        cache / "xa[1].cpython-311.pyc",
    ]
    for path in own + others:
        path.write_bytes(b"")
    replace_file(source, b"x = 4\n")
    assert sorted(cache.iterdir()) == sorted(others)


def test_bytecode_that_cannot_be_dropped_stops_it_with_nothing_changed(source: Path) -> None:
    (source.parent / "__pycache__" / "a[1].cpython-311.pyc").mkdir(parents=True)
    with pytest.raises(CannotRunError) as caught:
        replace_file(source, b"x = 4\n")
    assert caught.value.code == "unwritable"
    assert source.read_bytes() == b"x = 1\n"


def test_a_write_that_fails_leaves_the_file_and_nothing_beside(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotRunError, match="No space left") as caught:
        replace_file(source, b"x = 4\n")
    assert "Free some space" in caught.value.hint
    assert source.read_bytes() == b"x = 1\n"
    assert [path.name for path in source.parent.iterdir()] == [source.name]


def test_what_a_killed_write_left_is_removed(source: Path) -> None:
    left = source.parent / ".a[1].py.x7f3.ttsopt"
    other = source.parent / ".a1.py.x7f3.ttsopt"
    left.touch()
    other.touch()
    remove_leftovers(source)
    assert sorted(path.name for path in source.parent.iterdir()) == sorted(
        [source.name, other.name]
    )


def test_only_plain_files_of_a_sane_size_are_read(tmp_path: Path) -> None:
    big, pipe = tmp_path / "big.py", tmp_path / "pipe.py"
    with big.open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    os.mkfifo(pipe)
    for path, code in (
        (big, "too-large"),
        (pipe, "unreadable"),
        (tmp_path, "unreadable"),
        (tmp_path / "no", "unreadable"),
    ):
        with pytest.raises(CannotRunError) as caught:
            read_file(path)
        assert caught.value.code == code
