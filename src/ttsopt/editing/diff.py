"""Unified diffs, byte for byte, in the form that `git apply` and `patch -p1` read."""

from __future__ import annotations

import difflib
import io
import re

from unidiff.patch import PatchSet

NO_NEWLINE = b"\\ No newline at end of file\n"


def unified_diff(path: str, before: bytes, after: bytes) -> bytes:
    """The diff of one file; empty where nothing differs. `path` has forward slashes."""
    old, new = _lines(before), _lines(after)
    header = (_name("a", path), _name("b", path))
    hunks = difflib.diff_bytes(difflib.unified_diff, old, new, *header, lineterm=b"\n")
    return b"".join(_ended(line) for line in hunks)


def count_lines(diff: bytes) -> tuple[int, int]:
    """Lines that a diff adds and takes away."""
    # newline="\n": what Python takes for a line end elsewhere (form feed, U+2028) is text here.
    patches = PatchSet(io.StringIO(diff.decode("utf-8", "surrogateescape"), newline="\n"))
    return patches.added, patches.removed


def _lines(data: bytes) -> list[bytes]:
    """Lines as git has them: a line feed alone ends one."""
    return re.findall(rb"[^\n]*\n|[^\n]+$", data)


def _ended(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\n" + NO_NEWLINE


def _name(side: str, path: str) -> bytes:
    """A path as git writes it: quoted in C's way where it holds special bytes, a tab behind one with spaces."""
    raw = f"{side}/{path}".encode("utf-8", "surrogateescape")
    if re.search(rb'[\x00-\x1f"\\\x7f-\xff]', raw):
        escaped = re.sub(rb'["\\]', rb"\\\g<0>", raw)
        return (
            b'"'
            + re.sub(rb"[\x00-\x1f\x7f-\xff]", lambda found: b"\\%03o" % found.group()[0], escaped)
            + b'"'
        )
    return raw + b"\t" if b" " in raw else raw
