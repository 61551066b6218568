"""The names in a unified diff: C's quotes undone, time stamps taken off, nothing that leads out of a checkout."""

from __future__ import annotations

import re
from datetime import datetime

from ttsopt.editing.unified.file_diff import DiffError

DEV_NULL = b"/dev/null"
ESCAPES = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}
QUOTED = rb'"((?:[^"\\]|\\.)*)"'
STAMP = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d")


def name_and_stamp(rest: bytes) -> tuple[bytes, bytes]:
    """Return what follows `--- ` or `+++ `: a name, and the time stamp behind a tab (of old, behind a blank)."""
    text = rest.removesuffix(b"\n").removesuffix(b"\r")
    if quoted := re.match(QUOTED, text):
        return unquoted(quoted[1]), text[quoted.end() :].strip()
    name, _, stamp = text.partition(b"\t")
    if not stamp and (found := re.search(rb"\s+(?=" + STAMP.pattern + rb")", name)):
        return name[: found.start()], name[found.end() :]
    return name, stamp.strip()


def bare_name(rest: bytes) -> bytes:
    """Return what follows `rename from `: a name and nothing else."""
    text = rest.removesuffix(b"\n").removesuffix(b"\r")
    quoted = re.fullmatch(QUOTED, text)
    return unquoted(quoted[1]) if quoted else text


def names_of_git(rest: bytes) -> tuple[bytes, bytes] | None:
    """Return what follows `diff --git `: one name twice, but for the prefix. None if it is two names."""
    text = rest.removesuffix(b"\n").removesuffix(b"\r")
    if quoted := re.fullmatch(QUOTED + rb" " + QUOTED, text):
        return unquoted(quoted[1]), unquoted(quoted[2])
    middle = len(text) // 2
    old, new = text[:middle], text[middle + 1 :]
    same = old == new or old.partition(b"/")[2] == new.partition(b"/")[2] != b""
    return (old, new) if same and text[middle : middle + 1] == b" " else None


def unquoted(text: bytes) -> bytes:
    """The bytes that a name stands for between C's quotes."""
    return re.sub(rb"\\([0-7]{3}|.)", _escaped, text, flags=re.DOTALL)


def says_no_file(stamp: bytes) -> bool:
    """Return True if a time stamp is the epoch, by which `diff -N` says that there is no such file."""
    if not STAMP.match(stamp):  # what reads a time takes longer to import than most diffs to read
        return False
    text = re.sub(rb"(:\d\d)\.\d+", rb"\1", stamp).decode("ascii", "replace")
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z").timestamp() == 0
    except ValueError:  # It is some other text behind the tab: not a time, so not that one.
        return False


def safe_path(name: bytes, line: int) -> str:
    """A name as a path below a checkout.

    Raises:
        DiffError: It leads elsewhere, or into git's or ttsopt's own folders.
    """
    text = name.decode("utf-8", "surrogateescape")
    parts = [part for part in text.split("/") if part not in {"", "."}]
    apart = {part.lower() for part in re.split(r"[/\\]", text)}
    shown = name.decode("utf-8", "backslashreplace")
    if not parts or "\0" in text:
        raise DiffError(f"{shown!r} is no name of a file", line)
    if text[0] in "/\\" or re.match("[A-Za-z]:", text):
        raise DiffError(f"{shown} is an absolute path; a patch names files of its checkout", line)
    for part in ("..", ".git", ".ttsopt"):
        if part in apart:
            raise DiffError(f"{shown} has {part} in it, where no patch may write", line)
    return "/".join(parts)


def stripped(path: str) -> str:
    """A path without its first component, as `patch -p1` reads it; a plain name stays."""
    return path.partition("/")[2] or path


def _escaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code in ESCAPES:
        return bytes([ESCAPES[code]])
    return bytes([int(code, 8) & 0xFF]) if code[1:].isdigit() else code
