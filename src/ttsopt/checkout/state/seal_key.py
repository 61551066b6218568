"""The key that journals are sealed with: 32 random bytes in the user's state folder, for the user's eyes alone."""

from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path

from ttsopt.checkout.fs.folder import NEW, Folder, open_folder
from ttsopt.checkout.fs.plain_file import open_plain
from ttsopt.checkout.state.owner import is_own
from ttsopt.checkout.state.ownership import own_home
from ttsopt.checkout.state.state_files import FOR_OTHERS, writing
from ttsopt.errors import CannotRunError, RefusedError

KEY = "key"
BYTES = 32
WRITTEN = re.compile(rb"[0-9a-f]{64}\n")


def load_key() -> bytes | None:
    """The user's key; None where none was made yet, or none can be kept.

    Raises:
        RefusedError: It is no key, others can know it, or the state folder is not the user's own.
        CannotRunError: It cannot be read.
    """
    home = own_home()
    try:
        with open_folder(home) as folder:
            return bytes.fromhex(_read(folder).decode("ascii"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        message = f"cannot read {home / KEY}: {error.strerror}"
        raise CannotRunError("unreadable", message, "Check its permissions.") from error


def sealing_key() -> bytes:
    """The user's key, made where there is none.

    Where none can be kept, one that ends with this process: what it sealed is foreign to the next one.

    Raises:
        RefusedError, CannotRunError: As `load_key`.
    """
    known = load_key()
    if known is None:
        home = own_home()
        try:
            _make(home)
        except (OSError, CannotRunError):
            return _passing(home)
        known = load_key()
    return known or _passing(own_home())


def known_key() -> bytes | None:
    """The key that journals are to be judged by; nothing is made.

    Raises:
        RefusedError, CannotRunError: As `load_key`.
    """
    return load_key() or _PASSING.get(own_home())


_PASSING: dict[Path, bytes] = {}


def _passing(home: Path) -> bytes:
    return _PASSING.setdefault(home, os.urandom(BYTES))


def _make(home: Path) -> None:
    """Put a key there in one step; of two processes that do so at once, one finds the other's."""
    temporary = f".{KEY}.{os.urandom(8).hex()}"
    with writing(home, private=True) as folder:
        try:
            with os.fdopen(folder.open(temporary, NEW), "wb") as file:
                file.write(os.urandom(BYTES).hex().encode("ascii") + b"\n")
                file.flush()
                folder.hand_over(file.fileno())
                os.fsync(file.fileno())
            _name(folder, temporary)
        finally:
            folder.unlink(temporary)
        folder.sync()


def _name(folder: Folder, temporary: str) -> None:
    try:
        (folder.path / KEY).hardlink_to(folder.path / temporary)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        folder.rename(temporary, KEY)


def _read(folder: Folder) -> bytes:
    path = folder.path / KEY
    try:
        with open_plain(folder, KEY) as handle:
            status, data = os.fstat(handle), os.read(handle, 2 * BYTES + 2)
    except (RefusedError, CannotRunError) as error:  # a link, or no plain file
        raise _unsafe(path, "is no plain file") from error
    if not is_own(status):
        raise _unsafe(path, f"belongs to user {status.st_uid}")
    if sys.platform != "win32" and stat.S_IMODE(status.st_mode) & FOR_OTHERS:
        raise _unsafe(path, "may be read or written by others")
    if not WRITTEN.fullmatch(data):
        raise _unsafe(path, "is damaged")
    return data.strip()


def _unsafe(path: Path, what: str) -> RefusedError:
    message = f"{path}, the key that proves which state is yours, {what}"
    hint = (
        f"Delete it: rm {path}. The next command that writes makes another; checkouts whose state is in your "
        "state folder too go on as before, for others `ttsopt status` says what to do."
    )
    return RefusedError("unsafe-key", message, hint)
