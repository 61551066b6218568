"""A folder is exchanged for a link to the outside between the check of a path and the write to it."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from disk_swaps import Intruder, aside, swap, swap_back
from surroundings import photograph

from ttsopt.checkout.fs.files import (
    create_file,
    make_folders,
    read_if_there,
    remove_empty_folders,
    remove_file,
    remove_folder,
    remove_leftovers,
    replace_file,
    settle_displaced,
    sha256,
    write_file,
)
from ttsopt.checkout.fs.folder import Folder
from ttsopt.checkout.fs.swap import Guard
from ttsopt.errors import CannotRunError, RefusedError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders have no descriptors there")

LEFTOVER = ".a.py.0123456789abcdef.ttsopt"
DISPLACED = f".a.py.0123456789abcdef.{sha256(b'a.py')[:8]}.swap.ttsopt"
NEW = "sub/new/deep/c.py"


def unkept(folder: Folder, name: str) -> Path:
    folder.unlink(name)
    return folder.path / name


def expected(data: bytes | None) -> Guard:
    return Guard(sha256(data), unkept)


ACTIONS: dict[str, Callable[[Path], object]] = {
    "replace": lambda top: replace_file(top / "sub/a.py", b"ours"),
    "replace, with a mode": lambda top: replace_file(top / "sub/a.py", b"ours", 0o600),
    "create": lambda top: create_file(top / NEW, b"ours", 0o644),
    "make folders": lambda top: make_folders(top / "sub/new/deep"),
    "remove": lambda top: remove_file(top / "sub/a.py"),
    "remove with its folders": lambda top: remove_file(top / "sub/empty/b.py", 2),
    "remove folders": lambda top: remove_empty_folders(top / "sub/hollow/x.py", 1),
    "remove leftovers": lambda top: remove_leftovers(top / "sub/a.py"),
    "replace what is expected": lambda top: write_file(
        top / "sub/a.py", b"ours", 0o600, expected(b"old")
    ),
    "create what is not there": lambda top: write_file(top / NEW, b"ours", 0o644, expected(None)),
    "delete what is expected": lambda top: write_file(top / "sub/a.py", None, 0, expected(b"old")),
    "settle": lambda top: settle_displaced(top / "sub/a.py", (), unkept),
    "remove a tree": lambda top: remove_folder(top / "sub/tree"),
}


def lay_out(top: Path, text: bytes) -> Path:
    for path in (
        "a.py",
        "empty/b.py",
        "__pycache__/a.cpython-311.pyc",
        LEFTOVER,
        DISPLACED,
        "tree/x/y",
    ):
        (top / "sub" / path).parent.mkdir(parents=True, exist_ok=True)
        (top / "sub" / path).write_bytes(text)
    (top / "sub/hollow").mkdir()
    return top


@pytest.mark.parametrize("swapped", [".", "sub", "sub/__pycache__", "sub/empty", "sub/tree"])
@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_outside_changes_whenever_it_is_swapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str, swapped: str
) -> None:
    outside = lay_out(tmp_path / "outside", b"theirs")
    before, refused = photograph(outside), 0
    for at in range(300):
        top = lay_out(tmp_path / "top", b"old")
        intruder = Intruder(lambda top=top: swap(top / swapped, outside / swapped), at)  # type: ignore[misc]
        with monkeypatch.context() as patch:
            intruder.enter(patch)
            try:
                ACTIONS[action](top)
            except (RefusedError, CannotRunError):
                refused += 1
        assert photograph(outside) == before
        clear(top)
        if intruder.calls <= at:
            break
    assert 5 < at < 299
    assert refused or swapped not in {".", "sub"}


def clear(top: Path) -> None:
    if top.is_symlink():
        top.unlink()
        top = aside(top)
    shutil.rmtree(top)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_folder_that_is_a_link_from_the_start_is_refused(tmp_path: Path, action: str) -> None:
    outside = lay_out(tmp_path / "outside", b"theirs")
    before = photograph(outside)
    (tmp_path / "top").symlink_to(outside)
    with pytest.raises(RefusedError, match="is a link") as caught:
        ACTIONS[action](tmp_path / "top")
    assert caught.value.code == "outside"
    assert photograph(outside) == before


def test_a_file_of_a_checkout_is_not_read_through_a_link(tmp_path: Path) -> None:
    lay_out(tmp_path / "outside", b"theirs")
    (tmp_path / "top").symlink_to("outside")
    (tmp_path / "outside/b.py").symlink_to("sub/a.py")
    for path in ("top/sub/a.py", "top/none.py", "outside/b.py"):
        with pytest.raises(RefusedError) as caught:
            read_if_there(tmp_path / path)
        assert caught.value.code == "outside"


def test_three_hundred_writes_while_a_folder_is_swapped_to_and_fro(tmp_path: Path) -> None:
    outside, top = lay_out(tmp_path / "outside", b"theirs"), lay_out(tmp_path / "top", b"old")
    before, names = photograph(outside), set(photograph(top))
    stop = threading.Event()
    swaps: list[int] = []

    def swap_to_and_fro() -> None:
        while not stop.is_set() or not swaps:
            swap(top / "sub", outside / "sub")
            swap_back(top / "sub")
            swaps.append(1)

    other = threading.Thread(target=swap_to_and_fro)
    other.start()
    try:
        written = [was_written(top / "sub/a.py", b"%d" % number) for number in range(300)]
    finally:
        stop.set()
        other.join()
    assert photograph(outside) == before
    assert set(photograph(top)) == names - {"sub/__pycache__/a.cpython-311.pyc"} or not any(written)
    last = max((number for number, done in enumerate(written) if done), default=None)
    assert (top / "sub/a.py").read_bytes() == (b"old" if last is None else b"%d" % last)


def was_written(path: Path, data: bytes) -> bool:
    try:
        replace_file(path, data)
    except RefusedError:
        return False
    except CannotRunError as error:
        # Between the two renames of a swap there is nothing at all.
        if "No such file" not in error.message:
            raise
        return False
    return True
