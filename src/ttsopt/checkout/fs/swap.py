"""Puts a file in the place of another, or takes it away, and looks at what was displaced: an edit is put back.

Between a check and a rename somebody may save the file. Here the check comes after: the old file gets a name of
its own in the step that takes its place, and is compared under that name, which nobody else knows.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from ttsopt.checkout.fs.attributes import keep_attributes
from ttsopt.checkout.fs.exchange import exchange, rename_new
from ttsopt.checkout.fs.folder import NEW, Folder
from ttsopt.checkout.fs.plain_file import check_plain, open_plain, read_plain
from ttsopt.errors import CannotRunError, RefusedError

# Upstream's largest patched file has 150 KB; what is larger by far is no source.
LARGEST_SOURCE = 16 * 1024 * 1024
TEMPORARY = ".ttsopt"
# What has this suffix is whole: a new file about to take its place, or one that was displaced.
SWAP = ".swap" + TEMPORARY
# Keeps a displaced file of an open folder elsewhere; gives where it is then.
Keep = Callable[[Folder, str], Path]


@dataclass(frozen=True, slots=True)
class Guard:
    """The hash of what a file is to hold when it is replaced (empty: there is none), and who keeps edits of it."""

    expected: str
    keep: Keep


@dataclass(frozen=True, slots=True)
class Written:
    """True if a file was written. If not, it is as somebody saved it, and earlier saves of theirs are `kept`."""

    is_done: bool = True
    kept: tuple[Path, ...] = ()


CHANGED = Written(is_done=False)


def sha256(data: bytes | None) -> str:
    """The hash that the journal and the store go by; empty for a file that is not there."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def put(
    folder: Folder, name: str, data: bytes, mode: int | None, guard: Guard | None, *, durable: bool
) -> Written:
    """Write a file beside the one it is to replace, and have it take the place of what `guard` expects.

    Raises:
        OSError: It could not be written. What was displaced by then lies beside the file (`settle`).
        CannotRunError, RefusedError: As `check_plain`.
    """
    if guard and guard.expected and folder.status(name) is None:
        return CHANGED
    temporary = f"{_stem(name)}{os.urandom(8).hex()}{TEMPORARY}"
    swap = _swap_name(name)
    try:
        _write(folder, temporary, name, data, mode, durable=durable)
        # What is called `swap` is deleted only once it was looked at.
        folder.rename(temporary, swap if guard else name)
    except BaseException:
        folder.unlink(temporary)
        raise
    done = _take_place(folder, swap, name, guard, sha256(data)) if guard else Written()
    if durable:
        folder.sync()
    return done


def take_away(folder: Folder, name: str, guard: Guard | None) -> Written:
    """Delete a file that holds what `guard` expects; none need be there without one.

    Raises:
        OSError: It could not be deleted. It may lie beside its place (`settle`).
        CannotRunError, RefusedError: As `check_plain`.
    """
    status = folder.status(name)
    if status:
        check_plain(folder.path / name, status)
    done = _move_away(folder, name, guard) if guard else Written()
    if not guard:
        folder.unlink(name)
    folder.sync()
    return done


def settle(folder: Folder, name: str, known: Collection[str], keep: Keep) -> tuple[Path, ...]:
    """Put right what a killed write left beside a file: what is no version `known` by its hash is somebody's edit.

    It is put back where the file holds a known version; else the file was saved again, and the edit is kept.
    Gives where.

    Raises:
        OSError: Something could not be renamed or deleted.
    """
    pattern = re.compile(re.escape(_stem(name)) + r"[0-9a-f]{16}" + re.escape(_swap_end(name)))
    kept: tuple[Path, ...] = ()
    for swap in filter(pattern.fullmatch, folder.names()):
        if _hash_of(folder, swap) in known:
            folder.unlink(swap)
        else:
            kept += _put_back(folder, swap, name, known, keep)
    return kept


def is_leftover(name: str, file: str) -> bool:
    """True if a name is that of a file that a killed write had not finished, in the place of `file`."""
    ours = re.escape(_stem(file)) + r"[0-9a-f]{16}" + re.escape(TEMPORARY)
    return re.fullmatch(ours, name) is not None


def _stem(name: str) -> str:
    """Return the prefix of names of temporaries; cut, so that a name of 255 bytes has one too."""
    return f".{name[:50]}."


def _swap_name(name: str) -> str:
    return f"{_stem(name)}{os.urandom(8).hex()}{_swap_end(name)}"


def _swap_end(name: str) -> str:
    """Told by the whole name: two long ones may have a stem in common, and edits go back to their own."""
    return f".{sha256(os.fsencode(name))[:8]}{SWAP}"


def _write(
    folder: Folder, temporary: str, name: str, data: bytes, mode: int | None, *, durable: bool
) -> None:
    with os.fdopen(folder.open(temporary, NEW), "wb") as file:
        file.write(data)
        file.flush()
        bits = _keep_attributes(folder, name, file.fileno(), mode)
        folder.set_mode(temporary, file.fileno(), bits)
        if durable:
            os.fsync(file.fileno())


def _keep_attributes(folder: Folder, name: str, new: int, mode: int | None) -> int:
    """Make an open file like the one that it is to replace; gives the mode bits for it, those given first."""
    if mode is not None and folder.status(name) is None:
        folder.hand_over(new)
        return mode
    with open_plain(folder, name) as old:
        kept = keep_attributes(old, new)
    return kept if mode is None else mode


def _take_place(folder: Folder, swap: str, name: str, guard: Guard, ours: str) -> Written:
    if not guard.expected:
        if rename_new(folder, swap, name):
            return Written()
        folder.unlink(swap)
        return CHANGED
    try:
        is_exchanged = exchange(folder, swap, name)
    except FileNotFoundError:  # somebody deleted it
        folder.unlink(swap)
        return CHANGED
    if not is_exchanged:
        return _replace_checked(folder, swap, name, guard.expected)
    if _hash_of(folder, swap) != guard.expected:
        return Written(False, _put_back(folder, swap, name, {ours}, guard.keep))
    folder.unlink(swap)
    return Written()


def _replace_checked(folder: Folder, swap: str, name: str, expected: str) -> Written:
    """Without an exchange: what is saved between this check and the rename is replaced unseen."""
    if _hash_of(folder, name) == expected:
        folder.rename(swap, name)
        return Written()
    folder.unlink(swap)
    return CHANGED


def _move_away(folder: Folder, name: str, guard: Guard) -> Written:
    swap = _swap_name(name)
    try:
        folder.rename(name, swap)
    except FileNotFoundError:
        return CHANGED
    if _hash_of(folder, swap) != guard.expected:
        return Written(False, _put_back(folder, swap, name, {""}, guard.keep))
    folder.unlink(swap)
    return Written()


def _put_back(
    folder: Folder, swap: str, name: str, ours: Collection[str], keep: Keep
) -> tuple[Path, ...]:
    """Give a displaced file its name again where `ours` has it; where it was saved again, keep the earlier save.

    Gives where it is kept, if it is.
    """
    now = _hash_of(folder, name)
    if now not in ours:
        return (keep(folder, swap),)
    if not now:
        return () if rename_new(folder, swap, name) else (keep(folder, swap),)
    if not exchange(folder, swap, name):
        folder.rename(swap, name)
        return ()
    if _hash_of(folder, swap) in ours:
        folder.unlink(swap)
        return ()
    exchange(folder, swap, name)  # saved once more, just now: the newer save stays
    return (keep(folder, swap),)


def _hash_of(folder: Folder, name: str) -> str | None:
    """The hash of a file's bytes, empty where there is none; None of what is no source that may be read."""
    try:
        return sha256(read_plain(folder, name, LARGEST_SOURCE))
    except FileNotFoundError:
        return ""
    except (PermissionError, CannotRunError, RefusedError):
        return None
