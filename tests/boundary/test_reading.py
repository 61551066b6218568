"""One guarded reader: regular files alone, nothing waited for, bounded in size."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from threading import Thread

import pytest
from strange_files import as_fifo, as_folder, as_link, as_socket

from ttsopt.boundary.reading import (
    copy_regular,
    read_bytes,
    read_given,
    read_text,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="made of POSIX file types")
SPECIAL = {
    "folder": as_folder,
    "fifo": as_fifo,
    "socket": as_socket,
    "link to a device": as_link("/dev/zero"),
    "link to itself": as_link("it"),
    "link to nothing": as_link("nowhere"),
}


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_regular_file_is_an_error_at_once(tmp_path: Path, kind: str) -> None:
    SPECIAL[kind](tmp_path / "it")
    with pytest.raises(OSError, match="it"):
        read_bytes(tmp_path / "it")
    with pytest.raises(OSError, match="it"):
        copy_regular(tmp_path / "it", tmp_path / "copy", 10)


def test_a_fifo_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at its kind and opening it."""
    file, fifo = tmp_path / "file", tmp_path / "fifo"
    file.write_bytes(b"x")
    as_fifo(fifo)
    really = os.open

    def swapped(path: Path, flags: int) -> int:
        fifo.replace(file)
        return really(path, flags)

    monkeypatch.setattr(os, "open", swapped)
    with pytest.raises(OSError, match="not a regular file"):
        read_bytes(file)


def test_a_file_of_the_limit_is_read_and_a_larger_one_is_not(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert read_bytes(file, 5) == b"12345"
    for size in (6, 2**40):
        os.truncate(file, size)
        for attempt in (
            lambda: read_bytes(file, 5),
            lambda: copy_regular(file, tmp_path / "copy", 5),
        ):
            with pytest.raises(OSError, match="more than 5 bytes") as error:
                attempt()
            assert error.value.errno == errno.EFBIG
        assert not (tmp_path / "copy").exists()


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="of Linux")
def test_a_file_that_says_it_is_empty_is_read_and_bounded() -> None:
    assert read_bytes(Path("/proc/self/status")).startswith(b"Name:")
    with pytest.raises(OSError, match="more than 5 bytes"):
        read_bytes(Path("/proc/self/status"), 5)


def test_a_link_is_followed_unless_it_may_be_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    assert read_bytes(tmp_path / "link") == b"x"
    with pytest.raises(OSError, match="link"):
        read_bytes(tmp_path / "link", follow=False)


def test_text_is_utf_8_with_or_without_a_mark(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"\xef\xbb\xbf\xe8\xaf\xad\r\nb\rc\n")
    assert read_text(file) == "语\nb\nc\n"
    file.write_bytes(b"\xff")
    with pytest.raises(ValueError, match="utf-8"):
        read_text(file)


def test_a_pipe_that_the_user_named_is_read_to_its_end(tmp_path: Path) -> None:
    as_fifo(tmp_path / "pipe")

    def write() -> None:
        with (tmp_path / "pipe").open("wb") as pipe:
            pipe.write(b"x" * 200_000)

    writer = Thread(target=write)
    writer.start()
    assert read_given(tmp_path / "pipe", seconds=60) == b"x" * 200_000
    writer.join()


def test_a_pipe_that_nobody_writes_into_is_given_up(tmp_path: Path) -> None:
    as_fifo(tmp_path / "pipe")
    with pytest.raises(TimeoutError, match=r"nothing came through it in 0\.1 s"):
        read_given(tmp_path / "pipe", seconds=0.1)


def test_an_endless_pipe_is_bounded(tmp_path: Path) -> None:
    as_fifo(tmp_path / "pipe")
    ours = os.open(tmp_path / "pipe", os.O_RDWR)  # Linux lets one process have both ends
    os.write(ours, b"123456")
    with pytest.raises(OSError, match="more than 5 bytes"):
        read_given(tmp_path / "pipe", 5, 60)
    os.close(ours)


def test_a_copy_keeps_whether_it_may_be_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "file").chmod(0o4751)
    copy_regular(tmp_path / "file", tmp_path / "copy", 1)
    assert (tmp_path / "copy").read_bytes() == b"x"
    assert (tmp_path / "copy").stat().st_mode & 0o7777 == 0o751
