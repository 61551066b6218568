"""One writer at a time: a lock on the checkout's own folder, which a killed process does not leave behind."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ttsopt.checkout.files import make_folders
from ttsopt.checkout.folder import Folder, open_folder
from ttsopt.checkout.location import Checkout
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
    process = os.getpid()
    try:
        if not is_taken:
            _wait(handle, checkout, seconds, tell)
        yield
    finally:
        # A child that was forked meanwhile has the descriptor too: it must not end its parent's turn, and its
        # parent's turn must not last as long as it does.
        if os.getpid() == process:
            _unlock(handle)
        os.close(handle)


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
            return _try(_stand_in(folder))
    except (OSError, CannotRunError) as error:
        message = f"cannot lock {checkout.top}, nor a file in {copy}: {error}"
        hint = "Set TTSOPT_STATE_HOME to a folder of yours on a local disk."
        raise CannotRunError("no-lock", message, hint) from error


def _stand_in(folder: Folder) -> int:
    """The file that is locked in place of the top folder, open for writing."""
    try:
        handle = folder.open("lock", os.O_RDWR | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        return folder.open("lock", os.O_RDWR)
    # Only one that is new: in a user's folder, the name of one that was there may be a link to any file.
    folder.hand_over(handle)
    return handle


def _try(handle: int) -> tuple[int, bool]:
    from filelock import lock_descriptor

    try:
        return handle, lock_descriptor(handle, blocking=False)
    except BaseException:
        os.close(handle)
        raise


def _wait(handle: int, checkout: Checkout, seconds: float, tell: Callable[[str], None]) -> None:
    from filelock import lock_descriptor

    start, is_told = time.monotonic(), False
    while not lock_descriptor(handle, blocking=False):
        waited = time.monotonic() - start
        if waited >= seconds:
            message = f"another ttsopt is at work in {checkout.top}"
            since = f", for {seconds:g} seconds by now" if seconds > 0 else ""
            raise RefusedError(
                "busy", message + since, "Run the command again, or with `--wait 60`."
            )
        if waited >= SAY_AFTER and not is_told:
            is_told = True
            tell(f"another ttsopt is at work in {checkout.top}; waiting up to {seconds:g} seconds")
        time.sleep(min(POLL, seconds - waited))


def _unlock(handle: int) -> None:
    from filelock import unlock_descriptor

    unlock_descriptor(handle)
