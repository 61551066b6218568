"""Reads one hunk of a unified diff; its counts must add up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ttsopt.editing.unified.file_diff import DiffError, Hunk, HunkLine

HEAD = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")


def read_hunk(lines: Sequence[bytes], at: int, strip_cr: bool) -> tuple[Hunk, int]:
    """The hunk whose head is line `at` (0-based), and the index of the line after it.

    Raises:
        DiffError: It is cut short, or its counts do not add up.
    """
    found = HEAD.match(lines[at])
    if not found:
        raise DiffError("a damaged head of a hunk", at + 1)
    old_at, new_at = int(found[1]), int(found[3])
    old, new = (1 if found[key] is None else int(found[key]) for key in (2, 4))
    if (old and not old_at) or (new and not new_at):
        raise DiffError("a hunk that begins before the first line", at + 1)
    body, after = _read_body(lines, at, [old, new], strip_cr)
    if all(row.kind == b" " for row in body):
        raise DiffError("a hunk that changes nothing", at + 1)
    hunk = Hunk(at + 1, old_at - bool(old), new_at - bool(new), tuple(body))
    for side in (hunk.old, hunk.new):
        if any(not text.endswith(b"\n") for text in side[:-1]):
            raise DiffError("a line without a line end before the last line of a hunk", at + 1)
    return hunk, after


def _read_body(
    lines: Sequence[bytes], head: int, left: list[int], strip_cr: bool
) -> tuple[list[HunkLine], int]:
    body: list[HunkLine] = []
    at = head + 1
    while left[0] > 0 or left[1] > 0 or _is_marker(lines, at):
        if at == len(lines):
            raise DiffError("the diff ends in the middle of this hunk", head + 1)
        line = _plain(lines[at], strip_cr)
        if _is_marker(lines, at):
            body[-1:] = [_without_end(body, at)]
        else:
            body.append(_counted(line, left, at))
        at += 1
    if at < len(lines) and _goes_on(lines[at : at + 2]):
        raise DiffError("a hunk with more lines than its head says", at + 1)
    return body, at


def _plain(line: bytes, strip_cr: bool) -> bytes:
    text = line[:-2] + b"\n" if strip_cr and line.endswith(b"\r\n") else line
    # An editor that strips blanks at line ends leaves this of a blank context line.
    return b" \n" if text == b"\n" else text


def _counted(line: bytes, left: list[int], at: int) -> HunkLine:
    kind = line[:1]
    if not line.endswith(b"\n"):
        raise DiffError("the diff ends in the middle of this line", at + 1)
    if kind not in {b" ", b"-", b"+"}:
        raise DiffError("a line in a hunk that begins with none of ` `, `-`, `+`", at + 1)
    left[0] -= kind != b"+"
    left[1] -= kind != b"-"
    if min(left) < 0:
        raise DiffError("a hunk whose lines are not those that its head counts", at + 1)
    return HunkLine(kind, line[1:])


def _is_marker(lines: Sequence[bytes], at: int) -> bool:
    """The line that says that the one above has no line end, in whatever language."""
    return at < len(lines) and lines[at].startswith(b"\\ ")


def _without_end(body: Sequence[HunkLine], at: int) -> HunkLine:
    if not body or not body[-1].text.endswith(b"\n"):
        raise DiffError("`\\ No newline` below no line", at + 1)
    return HunkLine(body[-1].kind, body[-1].text[:-1])


def _goes_on(lines: Sequence[bytes]) -> bool:
    """Return True if what follows a hunk can be nothing but more of it: not names, not a mail's signature."""
    names = len(lines) > 1 and lines[0].startswith(b"--- ") and lines[1].startswith(b"+++ ")
    signature = lines[0].rstrip(b"\r\n") in {b"-- ", b"--", b"---"}
    return lines[0][:1] in {b" ", b"+", b"-"} and not names and not signature
