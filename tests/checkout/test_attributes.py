"""A replaced file keeps what it had beside its bytes, as far as whoever replaces it may give that."""

from __future__ import annotations

import os
import stat
import struct
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ttsopt.checkout.fs.files import create_file, make_folders, remove_file, replace_file
from ttsopt.checkout.state.state_files import put, put_originals, writing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="attributes as Linux has them")
is_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="root alone gives files away"
)
SOMEBODY, ALICE, TEAM = 54321, 54322, 54323
ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that everybody may write in; pytest's own are root's."""
    with tempfile.TemporaryDirectory() as made:
        path = Path(made).resolve()
        path.chmod(0o777)
        yield path


@pytest.fixture
def source(folder: Path) -> Path:
    path = folder / "a.py"
    path.write_bytes(b"old")
    return path


def access_list(user: int) -> bytes:
    """Owner rw, one more user rw, group r, others nothing; the form is that of Linux's posix_acl_xattr.h."""
    nobody = 0xFFFFFFFF
    rows = [(1, 6, nobody), (2, 6, user), (4, 4, nobody), (16, 6, nobody), (32, 0, nobody)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *row) for row in rows)


def give(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"this file system has no {name}: {error}")


def attributes(path: Path) -> dict[str, bytes]:
    return {name: os.getxattr(path, name) for name in os.listxattr(path)}


def as_user(user: int, groups: list[int], action: Callable[[], object]) -> None:
    """Run it in a child that is that user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of pytest-xdist
        child = os.fork()
    if child == 0:
        try:
            os.setgroups(groups)
            os.setgid(user)
            os.setuid(user)
            action()
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def owner(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


def bits(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_read_only_file_is_replaced_and_stays_read_only(source: Path) -> None:
    source.chmod(0o444)
    replace_file(source, b"new")
    assert (source.read_bytes(), bits(source)) == (b"new", 0o444)


def test_its_time_is_that_of_the_change(source: Path) -> None:
    os.utime(source, (1, 1))
    before = time.time()
    replace_file(source, b"new")
    assert source.stat().st_mtime > before - 60


def test_extended_attributes_and_access_lists_stay(source: Path) -> None:
    give(source, "user.origin", b"a download")
    give(source, ACCESS, access_list(ALICE))
    before, mode = attributes(source), bits(source)
    assert ACCESS in before
    replace_file(source, b"new")
    assert (attributes(source), bits(source)) == (before, mode)
    replace_file(source, b"newer", 0o600)
    assert bits(source) == 0o600


def test_the_default_access_list_of_the_folder_lets_nobody_more_in(source: Path) -> None:
    give(source.parent, DEFAULT, access_list(ALICE))
    assert attributes(source) == {}
    replace_file(source, b"new")
    assert attributes(source) == {}


@is_root
def test_root_leaves_files_to_their_owners(source: Path) -> None:
    os.chown(source, ALICE, TEAM)
    source.chmod(0o4750)
    replace_file(source, b"new")
    assert (owner(source), bits(source)) == ((ALICE, TEAM), 0o4750)


@is_root
def test_a_group_that_one_is_in_is_kept(source: Path) -> None:
    os.chown(source, SOMEBODY, TEAM)
    source.chmod(0o2664)
    as_user(SOMEBODY, [TEAM], lambda: replace_file(source, b"new"))
    assert source.read_bytes() == b"new"
    assert (owner(source), bits(source)) == ((SOMEBODY, TEAM), 0o2664)


@is_root
def test_a_file_of_somebody_elses_becomes_ours(source: Path) -> None:
    os.chown(source, ALICE, TEAM)
    source.chmod(0o6754)
    as_user(SOMEBODY, [], lambda: replace_file(source, b"new"))
    assert source.read_bytes() == b"new"
    # As our own, it must not lend our rights to whoever runs it.
    assert (owner(source), bits(source)) == ((SOMEBODY, SOMEBODY), 0o754)
    assert [path.name for path in source.parent.iterdir()] == [source.name]


def write_state(top: Path, name: str) -> None:
    with writing(top / ".ttsopt" / "originals") as originals:
        put_originals(originals, {name: b"original"})
    with writing(top / ".ttsopt") as state:
        put(state, "journal.json", b"{}", 0o644)
        state.sync()
    create_file(top / ".ttsopt" / "last.toml", b"", 0o644)


@is_root
def test_what_root_makes_is_for_the_owner_of_the_folder_that_it_is_in(folder: Path) -> None:
    os.chown(folder, ALICE, TEAM)
    folder.chmod(0o755)
    write_state(folder, "1")
    create_file(folder / "new" / "deep" / "helper.py", b"a", 0o640)
    make_folders(folder / "replaced" / "now")
    made = list(folder.rglob("*"))
    assert len(made) == 10
    assert {path: owner(path) for path in made} == dict.fromkeys(made, (ALICE, TEAM))
    assert bits(folder / "new" / "deep" / "helper.py") == 0o640


@is_root
def test_after_root_the_owner_goes_on(folder: Path) -> None:
    os.chown(folder, ALICE, TEAM)
    folder.chmod(0o755)
    write_state(folder, "1")
    create_file(folder / "new" / "helper.py", b"a", 0o644)

    def go_on() -> None:
        write_state(folder, "2")
        remove_file(folder / "new" / "helper.py", 1)

    as_user(ALICE, [], go_on)
    assert {path.name for path in folder.iterdir()} == {".ttsopt"}
    assert {path.name for path in (folder / ".ttsopt" / "originals").iterdir()} == {"1", "2"}


@is_root
def test_what_a_user_makes_in_a_folder_of_anothers_is_the_users(folder: Path) -> None:
    os.chown(folder, ALICE, TEAM)
    as_user(SOMEBODY, [], lambda: write_state(folder, "1"))
    made = list(folder.rglob("*"))
    assert {path: owner(path) for path in made} == dict.fromkeys(made, (SOMEBODY, SOMEBODY))


@is_root
def test_where_root_may_give_nothing_away_it_is_roots(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that does not know the owner, or on NFS."""
    os.chown(folder, ALICE, TEAM)

    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refused)
    write_state(folder, "1")
    assert owner(folder / ".ttsopt" / "journal.json")[0] == 0
