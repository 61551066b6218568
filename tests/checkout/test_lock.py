"""Two processes, or a process and a lock held by it, want the same checkout."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ttsopt.checkout.state.location import Checkout, open_checkout
from ttsopt.checkout.state.lock import locked
from ttsopt.errors import CannotRunError, RefusedError, UsageError

HOLDER = """
import sys
from pathlib import Path
from ttsopt.checkout.state.location import open_checkout
from ttsopt.checkout.state.lock import locked
with locked(open_checkout(Path(sys.argv[1])), 0):
    print("held", flush=True)
    sys.stdin.read()
"""

is_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="root alone gives files away"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    (tmp_path / "top").mkdir()
    return open_checkout(tmp_path / "top")


@contextmanager
def holder(checkout: Checkout) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its standard input ends."""
    command = [sys.executable, "-c", HOLDER, str(checkout.top)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        assert process.stdin is not None
        process.stdin.close()


def is_free(checkout: Checkout) -> bool:
    try:
        with locked(checkout, 0):
            return True
    except RefusedError:
        return False


def test_the_one_that_waits_too_long_is_refused(checkout: Checkout) -> None:
    with holder(checkout):
        with pytest.raises(RefusedError) as caught, locked(checkout, 0.1):
            pytest.fail("both have it")
        assert caught.value.code == "busy"
        assert str(checkout.top) in caught.value.message
        assert "for 0.1 seconds" in caught.value.message
        assert "--wait 60" in caught.value.hint
    assert is_free(checkout)


def test_the_one_that_does_not_wait_is_not_told_of_any_seconds(checkout: Checkout) -> None:
    with holder(checkout):
        with pytest.raises(RefusedError) as caught, locked(checkout, 0):
            pytest.fail("both have it")
        assert caught.value.message == f"another ttsopt is at work in {checkout.top}"


def test_a_state_folder_that_cannot_be_is_told_before_anything_is_done(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTSOPT_STATE_HOME", "relative")
    with pytest.raises(UsageError), locked(checkout, 0):
        pytest.fail("went on")


def test_the_one_that_waits_long_enough_gets_its_turn_and_was_told_once(checkout: Checkout) -> None:
    told: list[str] = []
    with holder(checkout) as other:

        def tell(message: str) -> None:
            told.append(message)
            assert other.stdin is not None
            other.stdin.close()

        with locked(checkout, 60, tell):
            assert other.wait() == 0
    (message,) = told
    assert str(checkout.top) in message


def test_a_killed_holder_leaves_no_lock(checkout: Checkout) -> None:
    with holder(checkout) as other:
        assert not is_free(checkout)
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert is_free(checkout)


def test_nobody_is_told_of_a_lock_that_is_free(checkout: Checkout) -> None:
    told: list[str] = []
    with locked(checkout, 0, told.append):
        pass
    assert told == []


def test_an_error_ends_the_turn(checkout: Checkout) -> None:
    with pytest.raises(KeyboardInterrupt), locked(checkout, 0):
        raise KeyboardInterrupt
    assert is_free(checkout)


def test_another_checkout_has_a_lock_of_its_own(checkout: Checkout, tmp_path: Path) -> None:
    with locked(checkout, 0):
        assert is_free(open_checkout(tmp_path))
        assert not is_free(checkout)


def test_a_sub_folder_of_a_repository_shares_its_lock(checkout: Checkout) -> None:
    (checkout.top / ".git").mkdir()
    (checkout.top / "sub").mkdir()
    with locked(checkout, 0):
        assert not is_free(open_checkout(checkout.top / "sub"))


def test_nothing_is_left_in_the_checkout_or_beside_it(checkout: Checkout, state_home: Path) -> None:
    with locked(checkout, 0):
        assert list(checkout.top.iterdir()) == []
    assert list(checkout.top.iterdir()) == []
    assert list(state_home.iterdir()) == []


def test_a_program_started_meanwhile_does_not_hold_it_on(checkout: Checkout) -> None:
    with locked(checkout, 0):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert is_free(checkout)
    child.communicate(b"\n")


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"
)  # threads of pytest-xdist; no child uses one
def test_a_forked_child_neither_ends_the_turn_nor_holds_it_on(checkout: Checkout) -> None:
    reading, writing = os.pipe()
    turn = locked(checkout, 0)
    turn.__enter__()
    leaves = forked(lambda: turn.__exit__(None, None, None))
    assert os.waitpid(leaves, 0)[1] == 0
    assert not is_free(checkout)
    lives_on = forked(lambda: os.read(reading, 1))
    turn.__exit__(None, None, None)
    assert is_free(checkout)
    os.write(writing, b"!")
    assert os.waitpid(lives_on, 0)[1] == 0
    os.close(writing)
    os.close(reading)


def forked(action: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        try:
            action()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def no_locks_on(is_refused: Callable[[int], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """What NFS answers: folders cannot be opened for writing, which its locks ask for."""
    import fcntl

    real = fcntl.flock

    def lock(handle: int, operation: int) -> None:
        if is_refused(handle):
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        real(handle, operation)

    monkeypatch.setattr(fcntl, "flock", lock)


def is_folder(handle: int) -> bool:
    return stat.S_ISDIR(os.fstat(handle).st_mode)


def test_where_folders_cannot_be_locked_a_file_of_the_users_is(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_locks_on(is_folder, monkeypatch)
    with locked(checkout, 0):
        assert not is_free(checkout)
        assert list(checkout.top.iterdir()) == []
        assert (checkout.copy / "lock").exists()
    assert is_free(checkout)


@is_root
def test_the_file_that_root_locked_is_its_users(
    checkout: Checkout, state_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_locks_on(is_folder, monkeypatch)
    os.chown(state_home, 54322, 54323)
    for _ in range(2):
        with locked(checkout, 0):
            pass
    found = (checkout.copy / "lock").stat()
    assert (found.st_uid, found.st_gid) == (54322, 54323)


@is_root
def test_a_file_that_was_there_to_be_locked_is_not_given_to_anybody(
    checkout: Checkout, state_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In their own folder, users may have put a link to a file of root's in its place."""
    no_locks_on(is_folder, monkeypatch)
    os.chown(state_home, 54322, 54323)
    (tmp_path / "root's").touch()
    checkout.copy.mkdir(parents=True)
    os.chown(checkout.copy, 54322, 54323)
    os.link(tmp_path / "root's", checkout.copy / "lock")
    with locked(checkout, 0):
        assert not is_free(checkout)
    assert (tmp_path / "root's").stat().st_uid == 0


def test_where_nothing_can_be_locked_nothing_is_done(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_locks_on(lambda _: True, monkeypatch)
    with pytest.raises(CannotRunError) as caught, locked(checkout, 0):
        pytest.fail("went on without")
    assert caught.value.code == "no-lock"
    assert "TTSOPT_STATE_HOME" in caught.value.hint


def test_waiting_ends_about_when_it_should(checkout: Checkout) -> None:
    """No bound from above: a machine may be slow. From below, it must not give up at once."""
    with locked(checkout, 0):
        start = time.monotonic()
        with pytest.raises(RefusedError), locked(checkout, 0.2):
            pytest.fail("both have it")
        assert time.monotonic() - start >= 0.2


@contextmanager
def reader(checkout: Checkout) -> Iterator[None]:
    """Somebody who holds a shared lock on the folder: `flock -s DIR COMMAND`."""
    import fcntl

    handle = os.open(checkout.top, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


posix = pytest.mark.skipif(sys.platform == "win32", reason="there is no lock on a folder there")


@posix
def test_a_shared_lock_of_somebody_else_is_not_in_the_way(checkout: Checkout) -> None:
    told: list[str] = []
    with reader(checkout):
        with locked(checkout, 0, told.append):
            assert not is_free(checkout)
        assert is_free(checkout)
        assert list(checkout.top.iterdir()) == []
    assert is_free(checkout)
    assert told == []


@posix
@pytest.mark.parametrize("begins", [True, False])
def test_a_reader_that_comes_or_goes_lets_no_second_one_write(
    checkout: Checkout, begins: bool
) -> None:
    """The one that began beside a reader, and the one that came without, keep each other out."""
    reads = reader(checkout)
    reads.__enter__()
    with locked(checkout, 0):
        if begins:
            with reader(checkout):
                assert not is_free(checkout)
        reads.__exit__(None, None, None)
        assert not is_free(checkout)
    assert is_free(checkout)


@posix
def test_one_that_is_killed_beside_a_reader_leaves_no_lock(checkout: Checkout) -> None:
    with reader(checkout):
        with holder(checkout) as other:
            assert not is_free(checkout)
            other.send_signal(signal.SIGKILL)
            other.wait()
        assert [path.name for path in checkout.top.iterdir()] == [".ttsopt.lock"]
        assert is_free(checkout)
    assert list(checkout.top.iterdir()) == []


@posix
def test_what_one_that_was_killed_beside_a_reader_left_goes_with_the_next(
    checkout: Checkout,
) -> None:
    (checkout.top / ".ttsopt.lock").touch()
    assert is_free(checkout)
    assert list(checkout.top.iterdir()) == []


TURNS = """
import os, sys
from pathlib import Path
from ttsopt.checkout.state.location import open_checkout
from ttsopt.checkout.state.lock import locked
top = Path(sys.argv[1])
for _ in range(20):
    with locked(open_checkout(top), 60):
        os.mkdir(top / "alone")
        os.rmdir(top / "alone")
"""


@posix
def test_many_beside_a_reader_write_one_after_the_other(checkout: Checkout) -> None:
    """The file that they lock is deleted and made anew all the time."""
    with reader(checkout):
        command = [sys.executable, "-c", TURNS, str(checkout.top)]
        running = [subprocess.Popen(command) for _ in range(3)]
        assert [process.wait() for process in running] == [0, 0, 0]
    assert list(checkout.top.iterdir()) == []


@posix
@pytest.mark.parametrize("thing", ["link", "folder"])
def test_beside_a_reader_no_lock_is_taken_on_what_is_no_file_of_the_folder(
    checkout: Checkout, tmp_path: Path, thing: str
) -> None:
    place = checkout.top / ".ttsopt.lock"
    if thing == "link":
        place.symlink_to(tmp_path / "elsewhere")
    else:
        place.mkdir()
    with reader(checkout):
        assert not is_free(checkout)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(not shutil.which("flock"), reason="util-linux: flock(1)")
@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="Linux says who holds a lock")
def test_a_stranger_that_locks_the_folder_for_itself_is_named(checkout: Checkout) -> None:
    with subprocess.Popen(
        ["flock", "-x", str(checkout.top), "sh", "-c", "echo held; read line"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RefusedError) as caught, locked(checkout, 0):
            pytest.fail("both have it")
        other.communicate("\n")
    assert caught.value.code == "busy"
    if f"process {other.pid} (flock)" not in caught.value.message:
        pytest.skip("this kernel does not say which folder a lock is on")
    assert "flock -s" in caught.value.hint
