"""Every call by which Python changes a disk, led through one function that sees it, strikes it, or records it."""

from __future__ import annotations

import builtins
import io
import os
import shutil  # noqa: F401  (reads `os.supports_dir_fd` when it is imported: before the calls are replaced)
import stat
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ttsopt.checkout.fs import exchange

# fmt: off
NAMES = (
    "open", "write", "pwrite", "writev", "fsync", "fdatasync", "rename", "replace",
    "unlink", "remove", "rmdir", "mkdir", "chmod", "fchmod", "chown", "fchown", "lchown",
    "utime", "link", "symlink", "truncate", "ftruncate", "setxattr", "removexattr",
    "sendfile", "copy_file_range", "mknod", "mkfifo",
)
BY_DESCRIPTOR = {"write", "pwrite", "writev", "ftruncate"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# What CPython announces to audit hooks (docs.python.org/3/library/audit_events.html), `open` apart.
AUDITED = {
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.removexattr",
    "os.rename", "os.rmdir", "os.setxattr", "os.symlink", "os.truncate", "os.utime",
}
# fmt: on
UNSEEN = 99

Function = Callable[..., Any]
REAL: dict[str, Function] = {name: getattr(os, name) for name in NAMES if hasattr(os, name)}
# A call of the C library, which the os module does not have.
RENAME_WITH = "rename_with"
REAL[RENAME_WITH] = exchange.rename_with
_REAL_OPEN = io.open
_inside = threading.local()


@dataclass(frozen=True, slots=True)
class Call:
    """One call, not made yet: `os.<name>(*arguments, **keywords)`, or `exchange.rename_with`."""

    name: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]

    def go(self) -> Any:
        """Make it."""
        return REAL[self.name](*self.arguments, **self.keywords)


Around = Callable[[Call], Any]


def lead_through(around: Around) -> None:
    """Have `around` make every such call from now on; for a process of its own, since nothing undoes it.

    A call that changes the disk and was not seen ends the process with `UNSEEN`.
    """
    sys.dont_write_bytecode = True
    for name, real in REAL.items():
        replaced = _led(name, around)
        setattr(exchange if name == RENAME_WITH else os, name, replaced)
        for known in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
            if real in known:
                known.add(replaced)
    builtins.open = io.open = _open
    sys.addaudithook(_complain)


def _led(name: str, around: Around) -> Function:
    def led(*arguments: Any, **keywords: Any) -> Any:
        call = Call(name, arguments, keywords)
        if getattr(_inside, "call", False) or not _changes_disk(call):
            return call.go()
        _inside.call = True
        try:
            return around(call)
        finally:
            _inside.call = False

    return led


def _changes_disk(call: Call) -> bool:
    if call.name == "open":
        flags = call.keywords.get("flags", call.arguments[1:2] and call.arguments[1])
        return bool(flags & WRITES) and not _is_device(call.arguments[0])
    if call.name in BY_DESCRIPTOR:
        return stat.S_ISREG(os.fstat(call.arguments[0]).st_mode)
    return True


def _is_device(path: object) -> bool:
    return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path) == os.devnull


class _Seen(io.FileIO):
    """A file whose bytes go out through `os.write`, so that they are seen."""

    def write(self, data: Any) -> int:
        return int(os.write(self.fileno(), data))

    def truncate(self, size: int | None = None) -> int:
        length = self.tell() if size is None else size
        os.ftruncate(self.fileno(), length)
        return length


def _open(  # noqa: PLR0917
    file: Any,
    mode: str = "r",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    closefd: bool = True,
    opener: Function | None = None,
) -> Any:
    """`open`, with files that are written made of calls that are seen."""
    if not set(mode) & set("wax+"):
        return _REAL_OPEN(file, mode, buffering, encoding, errors, newline, closefd, opener)
    kind = mode.replace("b", "").replace("t", "")
    flags = {
        "w": os.O_CREAT | os.O_TRUNC,
        "a": os.O_CREAT | os.O_APPEND,
        "x": os.O_CREAT | os.O_EXCL,
    }
    opened = flags.get(kind[0], 0) | (os.O_RDWR if "+" in kind else os.O_WRONLY) | os.O_CLOEXEC
    handle = (
        file
        if isinstance(file, int)
        else (opener(file, opened) if opener else os.open(file, opened, 0o666))
    )
    raw = _Seen(handle, "r+" if "+" in kind else "w", closefd)
    if "b" in mode and buffering == 0:
        return raw
    buffered = io.BufferedRandom(raw) if "+" in kind else io.BufferedWriter(raw)
    return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)


def _complain(event: str, arguments: tuple[Any, ...]) -> None:
    if getattr(_inside, "call", False):
        return
    writes = event in AUDITED or (
        event == "open"
        and isinstance(arguments[2], int)
        and arguments[2] & WRITES
        and not isinstance(arguments[0], int)
        and not _is_device(arguments[0])
    )
    if writes:
        traceback.print_stack()
        sys.stderr.write(f"{event}{arguments} changes the disk and was not seen\n")
        sys.stderr.flush()
        os._exit(UNSEEN)
