from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ttsopt.checkout.fs import folder as folders
from ttsopt.checkout.fs.files import (
    create_file,
    make_folders,
    other_names,
    read_file,
    read_if_there,
    remove_empty_folders,
    remove_file,
    remove_folder,
    remove_leftovers,
    replace_file,
)
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


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1)


@given(NAMES, st.binary(), st.sampled_from([0o400, 0o444, 0o600, 0o644, 0o755]))
@example("n" * 255, b"", 0o644)
@example("语" * 85, b"", 0o644)
@example(".ttsopt", b"", 0o644)
def test_a_file_of_any_name_is_created_replaced_and_removed(
    name: str, data: bytes, mode: int
) -> None:
    assume(len(os.fsencode(name)) <= 255 and name not in {".", ".."})
    with tempfile.TemporaryDirectory() as made:
        path = Path(made).resolve() / name
        create_file(path, b"old", mode)
        replace_file(path, data)
        assert [one.name for one in path.parent.iterdir()] == [name]
        assert read_if_there(path) == data
        assert stat.S_IMODE(path.stat().st_mode) == mode
        remove_file(path)
        assert read_if_there(path) is None
        assert not any(path.parent.iterdir())


def test_another_link_to_the_file_keeps_its_bytes(source: Path, tmp_path: Path) -> None:
    # pip and uv link installed files from a cache that other environments share.
    others = [tmp_path / "cache.py", tmp_path / "cache2.py"]
    for number, other in enumerate(others):
        assert other_names(source) == number
        os.link(source, other)
    replace_file(source, b"new")
    assert [other.read_bytes() for other in others] == [b"x = 1\n"] * 2
    assert (other_names(source), other_names(others[0])) == (0, 1)


def test_names_of_what_is_not_there_cannot_be_counted(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError) as caught:
        other_names(tmp_path / "no.py")
    assert caught.value.code == "unreadable"


def test_a_file_is_created_with_the_folders_that_are_missing_and_goes_with_them(
    tmp_path: Path,
) -> None:
    path = tmp_path / "new/deep/a.py"
    create_file(path, b"a", 0o751)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"a", 0o751)
    (path.parent / "__pycache__").mkdir()
    remove_file(path, 2)
    assert list(tmp_path.iterdir()) == []
    remove_file(path, 2)


def test_a_folder_with_something_of_the_users_stays(tmp_path: Path) -> None:
    path = tmp_path / "new/deep/a.py"
    create_file(path, b"a", 0o644)
    (tmp_path / "new/mine").symlink_to("nowhere")
    remove_file(path, 2)
    assert [one.name for one in tmp_path.rglob("*")] == ["new", "mine"]
    remove_empty_folders(path, 2)
    assert (tmp_path / "new").is_dir()


def test_a_folder_of_our_own_is_made_and_removed_with_all_in_it(tmp_path: Path) -> None:
    for _ in range(2):
        make_folders(tmp_path / "own/a/b")
    (tmp_path / "own/a/read-only").touch(0o444)
    (tmp_path / "own/a/link").symlink_to(tmp_path)
    for _ in range(2):
        remove_folder(tmp_path / "own")
    remove_folder(tmp_path / "no/own")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_an_error_and_stays(source: Path) -> None:
    actions: list[Callable[[], object]] = [
        lambda: create_file(source / "x/a.py", b"", 0o644),
        lambda: make_folders(source),
        lambda: replace_file(source / "a.py", b"", 0o644),
        lambda: remove_folder(source),
    ]
    for action in actions:
        with pytest.raises(CannotRunError) as caught:
            action()
        assert caught.value.code == "unwritable"
        assert "__pycache__" not in caught.value.hint
    assert read_if_there(source / "a.py") is None
    remove_file(source / "a.py")
    assert source.read_bytes() == b"x = 1\n"


def test_nothing_is_replaced_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "a.py", tmp_path / "no" / "a.py"):
        with pytest.raises(CannotRunError, match="No such file"):
            replace_file(path, b"")
    assert list(tmp_path.iterdir()) == []


def test_a_second_copy_is_not_flushed(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    replace_file(source, b"copy", durable=False)
    create_file(source.with_name("b.py"), b"copy", 0o644, durable=False)
    assert flushed == []
    replace_file(source, b"file")
    assert len(flushed) == 2
    assert read_file(source) == b"file"


def test_a_folder_that_cannot_be_flushed_is_no_error(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def as_on_fuse(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        real(handle)

    monkeypatch.setattr(os, "fsync", as_on_fuse)
    replace_file(source, b"new")
    assert source.read_bytes() == b"new"


def test_a_system_without_calls_in_a_folder_goes_by_paths(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    monkeypatch.setattr(folders, "RELATIVE", False)
    cached = source.parent / "__pycache__" / "a[1].cpython-311.pyc"
    create_file(cached, b"", 0o644)
    source.chmod(0o640)
    replace_file(source, b"new")
    assert (read_if_there(source), cached.exists()) == (b"new", False)
    assert stat.S_IMODE(source.stat().st_mode) == 0o640
    create_file(source.parent / "x/y/b.py", b"b", 0o644)
    remove_file(source.parent / "x/y/b.py", 2)
    remove_file(source)
    remove_folder(cached.parent)
    assert list(source.parent.iterdir()) == []
    assert read_if_there(source.parent / "x/y/b.py") is None


def test_a_file_that_the_user_names_is_read_through_links(source: Path) -> None:
    linked = source.parent / "linked"
    linked.symlink_to(".")
    (linked / "fix.patch").symlink_to(source)
    assert read_file(linked / "fix.patch") == b"x = 1\n"


def test_only_python_has_bytecode(tmp_path: Path) -> None:
    cached = tmp_path / "__pycache__" / "a.cpython-311.pyc"
    create_file(cached, b"", 0o644)
    create_file(tmp_path / "a.yaml", b"", 0o644)
    assert cached.exists()


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
    actions: list[Callable[[], object]] = [
        lambda: replace_file(source, b"x = 4\n"),
        lambda: remove_file(source),
    ]
    for action in actions:
        with pytest.raises(CannotRunError) as caught:
            action()
        assert caught.value.code == "unwritable"
        assert str(source.parent / "__pycache__") in caught.value.message
        assert "__pycache__" in caught.value.hint
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
    tokens = ("0123456789abcdef", "my-own", "0123456789abcdef.0")
    names = [f".{name}.{token}.ttsopt" for name in (source.name, "a1.py") for token in tokens]
    for name in names:
        (source.parent / name).touch()
    remove_leftovers(source)
    assert {path.name for path in source.parent.iterdir()} == {source.name, *names[1:]}
    remove_leftovers(source.parent / "no" / "a.py")


def test_what_is_left_of_a_killed_write_is_known_as_such(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        monkeypatch.undo()
        os._exit(9)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(os, "replace", killed)
        replace_file(source, b"new")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert len(list(source.parent.iterdir())) == 2
    remove_leftovers(source)
    assert [path.name for path in source.parent.iterdir()] == [source.name]
