"""One writer at a time: a lock on the checkout's own folder, which a killed process does not leave behind."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ttsopt.checkout.fs.files import make_folders
from ttsopt.checkout.fs.folder import Folder, open_folder
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.os_lock import try_lock, unlock
from ttsopt.checkout.state.reader_lock import FILE, holder_of, leave_readers, take_beside_readers
from ttsopt.errors import CannotRunError, RefusedError

WAIT = 10.0
SAY_AFTER = 0.5
POLL = 0.05
# NFS locks files alone, and those only where they are open for writing (flock(2)); others lock nothing.
NO_LOCK_ON_FOLDERS = {
    errno.EBADF,
    errno.EINVAL,
    errno.EISDIR,
    errno.ENOLCK,
    errno.ENOSYS,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
}


@contextmanager
def locked(
    checkout: Checkout, seconds: float = WAIT, tell: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Keep every other ttsopt from writing in a checkout, whoever runs it. It cannot be taken twice.

    `tell` is called once, when there is somebody to wait for.

    Raises:
        RefusedError: Another one is still at work after so many seconds.
        UsageError: There can be no state folder where the user wants it.
        CannotRunError: Neither the folder nor a file in the user's state folder can be locked.
    """
    handle, is_taken = _open(checkout)
    process, beside = os.getpid(), None
    try:
        if not is_taken:
            beside = _wait(handle, checkout, seconds, tell)
        if beside is None and _is_folder(handle) and os.path.lexists(checkout.top / FILE):
            leave_readers(
                checkout.top
            )  # of a run that was killed: with the folder's lock, nobody else has it
        yield
    finally:
        # A child that was forked meanwhile has the descriptors too: it must not end its parent's turn, and its
        # parent's turn must not last as long as it does.
        if os.getpid() == process:
            if beside is not None:
                leave_readers(checkout.top)
                unlock(beside)
            unlock(handle)
        for opened in (beside, handle):
            if opened is not None:
                os.close(opened)


def _open(checkout: Checkout) -> tuple[int, bool]:
    """A descriptor that can be locked, and whether it is locked already."""
    copy = checkout.copy  # first: where that is an error, nothing has been written yet
    if os.name == "posix":
        try:
            return _try(os.open(checkout.top, os.O_RDONLY))
        except OSError as error:
            if error.errno not in NO_LOCK_ON_FOLDERS:
                message = f"cannot lock {checkout.top}: {error.strerror}"
                hint = "Check its permissions: ttsopt has to read the folder."
                raise CannotRunError("unreadable", message, hint) from error
    try:
        make_folders(copy, private=True)
        with open_folder(copy) as folder:
            return _try(_lock_in_state(folder))
    except (OSError, CannotRunError) as error:
        message = f"cannot lock {checkout.top}, nor a file in {copy}: {error}"
        hint = "Set TTSOPT_STATE_HOME to a folder of yours on a local disk."
        raise CannotRunError("no-lock", message, hint) from error


def _lock_in_state(folder: Folder) -> int:
    """The file that is locked in place of the top folder, open for writing."""
    try:
        handle = folder.open("lock", os.O_RDWR | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        return folder.open("lock", os.O_RDWR)
    # Only one that is new: in a user's folder, the name of one that was there may be a link to any file.
    folder.hand_over(handle)
    return handle


def _try(handle: int) -> tuple[int, bool]:
    try:
        return handle, try_lock(handle)
    except BaseException:
        os.close(handle)
        raise


def _wait(
    handle: int, checkout: Checkout, seconds: float, tell: Callable[[str], None]
) -> int | None:
    """Gives the descriptor of the file that is locked as well, where somebody reads meanwhile."""
    start, is_told = time.monotonic(), False
    while not try_lock(handle):
        beside = take_beside_readers(handle, checkout.top) if _is_folder(handle) else None
        if beside is not None:
            return beside
        waited = time.monotonic() - start
        if waited >= seconds:
            raise _busy(handle, checkout, seconds)
        if waited >= SAY_AFTER and not is_told:
            is_told = True
            tell(f"{_who(handle, checkout)}; waiting up to {seconds:g} seconds")
        time.sleep(min(POLL, seconds - waited))
    return None


def _is_folder(handle: int) -> bool:
    return stat.S_ISDIR(os.fstat(handle).st_mode)


def _busy(handle: int, checkout: Checkout, seconds: float) -> RefusedError:
    since = f", for {seconds:g} seconds by now" if seconds > 0 else ""
    hint = "Run the command again, or with `--wait 60`."
    if _stranger(handle):
        hint += " A shared lock, as `flock -s` takes it, would not be in the way."
    return RefusedError("busy", _who(handle, checkout) + since, hint)


def _who(handle: int, checkout: Checkout) -> str:
    stranger = _stranger(handle)
    if stranger:
        return f"{checkout.top} is locked by process {stranger}, which is no ttsopt"
    return f"another ttsopt is at work in {checkout.top}"


def _stranger(handle: int) -> str:
    """The process that has the lock, where it is none that ttsopt could run in."""
    holder = holder_of(handle)
    return "" if re.search(r"python|ttsopt|^\d*$", holder, re.IGNORECASE) else holder
