"""What holds after an edit of any file: asked for by several properties."""

from __future__ import annotations

from collections.abc import Sequence

from ttsopt.domain.patch import Edit
from ttsopt.domain.plan import Splice
from ttsopt.editing.resolution import Resolution
from ttsopt.editing.resolve import resolve
from ttsopt.editing.unparsable import UnparsableError


def resolved(raw: bytes, edit: Edit) -> Resolution | None:
    """None where the file's encoding lacks a character of the edit, the only reason that there can be."""
    try:
        return resolve("a.py", raw, [edit])
    except UnparsableError as error:
        if "has no" not in error.reason:
            raise
        return None


def check_line_ends(raw: bytes, after: bytes) -> None:
    def ends(data: bytes) -> set[bytes]:
        return {line[len(line.rstrip(b"\r\n")) :] for line in data.splitlines(keepends=True)}

    assert ends(after) <= ends(raw) | ({b"\n"} if ends(raw) <= {b""} else {b""})


def check_other_lines_are_kept(raw: bytes, after: bytes, splices: Sequence[Splice]) -> None:
    """Lines that no change touches are there afterwards, in their order, byte for byte."""
    kept, position = [], 0
    for line in raw.splitlines(keepends=True):
        end = position + len(line)
        touched = any(
            (s.start < end and s.end > position) or position < s.start == s.end < end
            for s in splices
        )
        if not touched and not (end == len(raw) and any(s.start == end for s in splices)):
            kept.append(line)
        position = end
    lines = iter(after.splitlines(keepends=True))
    assert all(line in lines for line in kept)
