"""The key that journals are sealed with, and the folder that it lies in: the user's own, and nobody else's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ttsopt.checkout.state.journal import JournalRecord, read_journal, write_journal
from ttsopt.checkout.state.location import open_checkout
from ttsopt.checkout.state.own_copy import ForeignStateError, read_copy
from ttsopt.checkout.state.ownership import own_home
from ttsopt.checkout.state.seal_key import known_key, load_key, sealing_key
from ttsopt.domain.journal import Journal, JournalPatch
from ttsopt.errors import RefusedError

RECORD = JournalRecord(Journal((JournalPatch("a/b", 1, ".", ""),)))
posix = pytest.mark.skipif(os.name == "nt", reason="mode bits and owners")
as_root = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() != 0, reason="only root gives files away"
)


def test_there_is_no_key_until_something_is_sealed_and_then_the_same_one(state_home: Path) -> None:
    assert load_key() is None
    assert list(state_home.iterdir()) == []
    key = sealing_key()
    assert len(key) == 32
    assert (load_key(), sealing_key(), known_key()) == (key, key, key)
    assert [path.name for path in state_home.iterdir()] == ["key"]


@posix
def test_the_key_is_for_the_users_eyes_alone_and_so_is_a_folder_made_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTSOPT_STATE_HOME", str(tmp_path / "a" / "home"))
    sealing_key()
    assert (tmp_path / "a" / "home").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a" / "home" / "key").stat().st_mode & 0o777 == 0o600


def test_processes_that_make_a_key_at_once_have_one(state_home: Path) -> None:
    program = "from ttsopt.checkout.state.seal_key import sealing_key; print(sealing_key().hex())"
    started = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    keys = {process.communicate()[0] for process in started}
    assert keys == {f"{sealing_key().hex()}\n"}
    assert [path.name for path in state_home.iterdir()] == ["key"]


def readable(key: Path) -> None:
    key.chmod(0o640)


def writable(key: Path) -> None:
    key.chmod(0o602)


def linked(key: Path) -> None:
    key.rename(key.with_name("real"))
    key.symlink_to("real")


def folder(key: Path) -> None:
    key.unlink()
    key.mkdir()


def fifo(key: Path) -> None:
    key.unlink()
    os.mkfifo(key)


def cut_off(key: Path) -> None:
    key.write_bytes(key.read_bytes()[:10])


def long(key: Path) -> None:
    key.write_bytes(key.read_bytes() * 2)


@posix
@pytest.mark.parametrize("harm", [readable, writable, linked, folder, fifo, cut_off, long])
def test_a_key_that_may_not_be_the_users_alone_is_refused_with_what_to_do(
    state_home: Path, harm: Callable[[Path], None]
) -> None:
    sealing_key()
    harm(state_home / "key")
    for asked in (load_key, sealing_key, known_key):
        with pytest.raises(RefusedError) as caught:
            asked()
        assert caught.value.code == "unsafe-key"
        assert f"rm {state_home / 'key'}" in caught.value.hint


@as_root
def test_a_key_or_a_folder_of_another_user_is_refused(state_home: Path) -> None:
    sealing_key()
    os.chown(state_home / "key", 4711, -1)
    with pytest.raises(RefusedError, match="belongs to user 4711"):
        load_key()
    os.chown(state_home, 4711, -1)
    with pytest.raises(RefusedError, match="belongs to user 4711") as caught:
        own_home()
    assert caught.value.code == "unsafe-state-home"


@as_root
def test_under_sudo_the_folder_of_the_user_who_called_it_serves(
    state_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chown(state_home, 4711, -1)
    monkeypatch.setenv("SUDO_UID", "4711")
    key = sealing_key()
    assert load_key() == key
    assert (state_home / "key").stat().st_uid == 4711  # else that user could not read it


@posix
def test_where_no_key_can_be_kept_one_serves_until_the_process_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_text("no folder")
    monkeypatch.setenv("TTSOPT_STATE_HOME", str(tmp_path / "home"))
    checkout = open_checkout(tmp_path)
    write_journal(checkout, RECORD)
    assert read_journal(checkout) == RECORD
    program = (
        "import sys; from pathlib import Path; from ttsopt.checkout.state.journal import read_journal;"
        "from ttsopt.checkout.state.location import open_checkout; read_journal(open_checkout(Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "ForeignStateError" in done.stderr


def test_with_another_key_it_is_foreign(state_home: Path, tmp_path: Path) -> None:
    checkout = open_checkout(tmp_path)
    write_journal(checkout, RECORD)
    (state_home / "key").unlink()
    with pytest.raises(ForeignStateError):
        read_journal(checkout)
    sealing_key()
    with pytest.raises(ForeignStateError):
        read_journal(checkout)


@posix
@pytest.mark.parametrize("open_one", ["home", "checkouts", "folder"])
def test_a_copy_that_others_can_have_written_is_not_believed(
    state_home: Path, tmp_path: Path, open_one: str
) -> None:
    checkout = open_checkout(tmp_path)
    checkout.copy.mkdir(parents=True)
    state_home.chmod(0o755)
    place = {"home": state_home, "checkouts": checkout.copy.parent, "folder": checkout.copy}
    place[open_one].chmod(0o777)
    with pytest.raises(RefusedError) as caught:
        read_copy(checkout)
    assert caught.value.code == "unsafe-state-home"
    assert str(place[open_one]) in caught.value.message
    if open_one != "home":  # closed above, nobody gets there
        state_home.chmod(0o700)
        assert read_copy(checkout) is None
