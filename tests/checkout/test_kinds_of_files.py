"""What is no plain file is neither read nor replaced nor removed, nor waited for."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from disk_swaps import Intruder
from strange_files import as_fifo, as_folder, as_link, as_socket

from ttsopt.checkout.fs.files import (
    other_names,
    read_file,
    read_if_there,
    remove_file,
    replace_file,
)
from ttsopt.errors import CannotRunError, RefusedError, TtsoptError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="made of POSIX file types")
MIB = 1024 * 1024


def as_device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 7))  # /dev/full
    except OSError as error:
        pytest.skip(f"only root makes devices: {error}")


KINDS: dict[str, Callable[[Path], None]] = {
    "folder": as_folder,
    "fifo": as_fifo,
    "socket": as_socket,
    "device": as_device,
    "link": as_link("../outside.py"),
    "dangling": as_link("nowhere"),
    "loop": as_link("a.py"),
}
ACTIONS: dict[str, Callable[[Path], object]] = {
    "read": read_if_there,
    "count": other_names,
    "replace": lambda path: replace_file(path, b"ours"),
    "replace with a mode": lambda path: replace_file(path, b"ours", 0o644),
    "remove": remove_file,
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "outside.py").write_bytes(b"theirs")
    (tmp_path / "sub").mkdir()
    return tmp_path / "sub" / "a.py"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("action", ACTIONS)
def test_it_is_refused_and_left_as_it_is(place: Path, action: str, kind: str) -> None:
    KINDS[kind](place)
    before = place.lstat()
    error = refusal(lambda: ACTIONS[action](place))
    assert error.code == ("outside" if stat.S_ISLNK(before.st_mode) else "unreadable")
    check_untouched(place, before)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("action", ["read", "count", "replace", "replace with a mode"])
def test_it_is_refused_too_where_it_comes_between_look_and_opening(
    place: Path, monkeypatch: pytest.MonkeyPatch, action: str, kind: str
) -> None:
    place.write_bytes(b"old")

    def exchange() -> None:
        place.unlink()
        KINDS[kind](place)

    # The second call on the name, after a look at it, opens it.
    intruder = Intruder(exchange, at=2 if action == "replace with a mode" else 1, only=place.name)
    with monkeypatch.context() as patch:
        intruder.enter(patch)
        error = refusal(lambda: ACTIONS[action](place))
    assert intruder.calls == intruder.at + 1
    assert error.code in {"outside", "unreadable", "unwritable"}
    check_untouched(place, place.lstat())


def refusal(action: Callable[[], object]) -> TtsoptError:
    with pytest.raises((CannotRunError, RefusedError)) as caught:
        action()
    assert caught.value.message
    assert "None" not in caught.value.message
    return caught.value


def check_untouched(place: Path, before: os.stat_result) -> None:
    assert os.path.samestat(place.lstat(), before)
    assert not stat.S_ISREG(before.st_mode)
    assert [path.name for path in place.parent.iterdir()] == [place.name]
    assert (place.parent.parent / "outside.py").read_bytes() == b"theirs"


@pytest.mark.parametrize("kind", ["folder", "fifo", "socket", "device", "dangling", "loop"])
def test_nor_is_it_read_where_the_user_names_it(place: Path, kind: str) -> None:
    KINDS[kind](place)
    assert refusal(lambda: read_file(place)).code in {"unreadable", "outside"}


def test_a_file_that_is_too_large_to_be_source_is_not_read(place: Path) -> None:
    for size, code in ((16 * MIB, ""), (16 * MIB + 1, "too-large"), (17 * MIB, "too-large")):
        with place.open("wb") as file:
            file.truncate(size)
        if code:
            assert refusal(lambda: read_file(place)).code == code
            assert refusal(lambda: read_if_there(place)).code == code
        else:
            assert len(read_file(place)) == size
    replace_file(place, b"small")
    assert read_file(place) == b"small"


def test_a_file_that_grows_while_it_is_read_is_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write_bytes(b"small")
    real, small = os.fstat, place.stat()
    with place.open("ab") as file:
        file.truncate(17 * MIB)

    def before_it_grew(handle: int) -> os.stat_result:
        status = real(handle)
        return small if os.path.samestat(status, small) else status

    monkeypatch.setattr(os, "fstat", before_it_grew)
    assert refusal(lambda: read_file(place)).code == "too-large"
