"""Unified diffs, byte for byte, in the form that `git apply` and `patch -p1` read."""

from __future__ import annotations

import difflib
import io
import re

from unidiff.patch import PatchSet

from ttsopt.domain.blob_id import blob_id
from ttsopt.editing.unified.lines import split_lines

NO_NEWLINE = b"\\ No newline at end of file\n"


def unified_diff(path: str, before: bytes | None, after: bytes | None, mode: int = 0o644) -> bytes:
    """The diff of one file; empty where nothing differs. `path` has forward slashes.

    None stands for no file; one that is created or deleted has `mode` (executable or not). The ids in git's
    headers prove to whoever reads it that it fits (`FileDiff.proven`), and are what `git apply --3way` goes by.
    """
    if before == after:
        return b""
    old, new = split_lines(before or b""), split_lines(after or b"")
    source = b"/dev/null" if before is None else _quoted(f"a/{path}")
    target = b"/dev/null" if after is None else _quoted(f"b/{path}")
    hunks = difflib.diff_bytes(difflib.unified_diff, old, new, source, target, lineterm=b"\n")
    return _git_header(path, before, after, mode) + b"".join(_ended(line) for line in hunks)


def count_lines(diff: bytes) -> tuple[int, int]:
    """Lines that the diff of one file adds and takes away, as a parser that is not ours reads it."""
    # newline="\n": what Python takes for a line end elsewhere (form feed, U+2028) is text here.
    patches = PatchSet(io.StringIO(diff.decode("utf-8", "surrogateescape"), newline="\n"))
    return patches.added, patches.removed


def _git_header(path: str, before: bytes | None, after: bytes | None, mode: int) -> bytes:
    """Names, ids, and what says that a file, and an empty one too, comes into being or goes."""
    said, bits = b"", b"100755" if mode & 0o100 else b"100644"
    if before is None or after is None:
        said = b"%s file mode %s\n" % (b"new" if before is None else b"deleted", bits)
    names = (_quoted(f"{side}/{path}") for side in "ab")
    ids = (blob_id(data).encode() for data in (before, after))
    # A blank line ends the header where no hunks do: else git takes the next file's names into it.
    end = b"" if before or after else b"\n"
    return b"diff --git %s %s\n%sindex %s..%s\n%s" % (*names, said, *ids, end)


def _ended(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\n" + NO_NEWLINE


def _quoted(path: str) -> bytes:
    """A path as git writes it: quoted in C's way where it holds special bytes.

    Blanks are quoted too: GNU patch takes a bare name behind `diff --git` to end at the first one.
    """
    raw = path.encode("utf-8", "surrogateescape")
    if not re.search(rb'[\x00-\x20"\\\x7f-\xff]', raw):
        return raw
    escaped = re.sub(rb'["\\]', rb"\\\g<0>", raw)
    octal = re.sub(rb"[\x00-\x1f\x7f-\xff]", lambda found: b"\\%03o" % found.group()[0], escaped)
    return b'"' + octal + b'"'
