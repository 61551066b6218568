"""Hunks found and applied against GNU patch and git: the same bytes, or a refusal with a reason."""

from __future__ import annotations

import difflib
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from ttsopt.domain.plan import Status
from ttsopt.editing.compose import compose
from ttsopt.editing.unified.file_diff import DiffError
from ttsopt.editing.unified.hunks import resolve_hunks
from ttsopt.editing.unified.parse import parse_diff

needs_patch = pytest.mark.skipif(not shutil.which("patch"), reason="patch is not there")
needs_git = pytest.mark.skipif(not shutil.which("git"), reason="git is not there")
LOOK_LIKE_A_DIFF = [b"-- \n", b"+++ x\n", b"--- x\n", b"@@ -1 +1 @@\n", b"diff --git a/f b/f\n"]
PLAIN = [b"a\n", b"b\n", b"c\n", b"\n", b"\tx\n", b"  x\n", b"a\r\n"]
ODD = [b"d\re\n", b"\x0c\n", b"\xff\x00\n"]
LINES = st.sampled_from(PLAIN + ODD + LOOK_LIKE_A_DIFF)
FEW = st.lists(LINES, max_size=3)
ENDS = st.sampled_from([b"", b"", b"last", b"last\r", b"a"])
# An edit: where in the file (0 to 1), how many lines go, and what comes.
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), FEW), min_size=1, max_size=4)
FILES = st.tuples(st.lists(LINES, max_size=30), ENDS)


def edited(lines: list[bytes], edits: list[tuple[float, int, list[bytes]]]) -> list[bytes]:
    lines = list(lines)
    for place, gone, come in edits:
        at = int(place * len(lines))
        lines[at : at + gone] = come
    return lines


def lines_of(data: bytes) -> list[bytes]:
    return re.findall(rb"[^\n]*\n|[^\n]+\Z", data)


def by_difflib(before: bytes, after: bytes, context: int) -> bytes:
    rows = difflib.diff_bytes(
        difflib.unified_diff,
        lines_of(before),
        lines_of(after),
        b"a/f",
        b"b/f",
        n=context,
        lineterm=b"\n",
    )
    marker = b"\n\\ No newline at end of file\n"
    return b"".join(row if row.endswith(b"\n") else row + marker for row in rows)


def by_git(before: bytes, after: bytes, context: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a").write_bytes(before)
        (Path(folder) / "b").write_bytes(after)
        command = ["git", "diff", "--no-index", "--text", f"-U{context}", "--no-color", "a", "b"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        assert done.returncode in {0, 1}, done.stderr
        return done.stdout.replace(b"a/a", b"a/f").replace(b"b/b", b"b/f")


def by_patch(diff: bytes, original: bytes) -> bytes | None:
    """What `patch -p1 -F0` makes of a file; None where a hunk fails."""
    command = ["patch", "-p1", "-F0", "--no-backup-if-mismatch", "--binary", "--force", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "f"
        file.write_bytes(original)
        done = subprocess.run(command, cwd=folder, input=diff, capture_output=True, check=False)
        return file.read_bytes() if done.returncode == 0 else None


def by_ttsopt(diff: bytes, original: bytes) -> tuple[bytes | None, str]:
    """What comes out, or None and the reason."""
    (file,) = parse_diff(diff)
    resolution = resolve_hunks(file, original)
    statuses = {answer.status for answer in resolution.answers}
    if statuses == {Status.ALREADY}:
        return None, "already"
    refused = [answer for answer in resolution.answers if answer.status is Status.REFUSED]
    if refused:
        assert all(answer.reason for answer in refused)
        return None, refused[0].reason
    assert statuses == {Status.APPLIED}
    return compose(original, resolution.splices), ""


def agree(diff: bytes, original: bytes) -> None:
    """Where ttsopt applies, patch does too, and the bytes are the same."""
    ours, why = by_ttsopt(diff, original)
    assert (ours is None) == bool(why)
    if ours is not None:
        assert by_patch(diff, original) == ours


@needs_patch
@pytest.mark.parametrize("make", [by_difflib, by_git])
@pytest.mark.parametrize("context", [0, 1, 2, 3, 5])
@examples(40)
@given(file=FILES, edits=EDITS, end=ENDS, drift=EDITS)
def test_the_same_bytes_as_patch(make, context, file, edits, end, drift) -> None:  # type: ignore[no-untyped-def]
    lines, old_end = file
    before = b"".join(lines) + old_end
    after = b"".join(edited(lines, edits)) + end
    if before == after:
        return
    diff = make(before, after, context)
    ours, why = by_ttsopt(diff, before)
    if context or not before:
        assert ours == after, why
    agree(diff, before)
    agree(diff, b"".join(edited(lines, drift)) + old_end)
    agree(diff, after)
    agree(diff, b"".join(lines * 2) + old_end)
    agree(diff, b"x\n" * 2 + before)


@examples(150)
@given(FILES, EDITS, ENDS, st.integers(1, 4))
def test_a_file_that_has_the_change_is_told_so(
    file: tuple[list[bytes], bytes],
    edits: list[tuple[float, int, list[bytes]]],
    end: bytes,
    context: int,
) -> None:
    """Distinct lines: without repetition nothing is ambiguous, and the answer must be `already`."""
    before = [b"%d %s" % (number, line) for number, line in enumerate(file[0])]
    after = edited(
        before, [(place, gone, [b"new " + row for row in come]) for place, gone, come in edits]
    )
    diff = by_difflib(b"".join(before), b"".join(after), context)
    if not before or not after or not diff:
        return
    assert by_ttsopt(diff, b"".join(after)) == (None, "already")


@needs_git
@examples(150)
@given(FILES, EDITS, ENDS)
def test_git_applies_what_ttsopt_applies(
    file: tuple[list[bytes], bytes], edits: list[tuple[float, int, list[bytes]]], end: bytes
) -> None:
    lines, old_end = file
    before, after = b"".join(lines) + old_end, b"".join(edited(lines, edits)) + end
    if before == after:
        return
    diff = by_difflib(before, after, 3)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "f").write_bytes(before)
        command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
        subprocess.run(command, cwd=folder, input=diff, check=True)
        assert (Path(folder) / "f").read_bytes() == by_ttsopt(diff, before)[0] == after


@examples(150)
@given(st.binary(max_size=300), st.lists(LINES, max_size=20), st.integers(0, 400))
def test_damage_is_refused_and_nothing_else(noise: bytes, lines: list[bytes], cut: int) -> None:
    diff = by_difflib(b"".join(lines), b"".join([*lines, b"new\n", b"newer\n"]), 3)
    for damaged in (noise, diff[:cut] + noise, diff[:cut], diff[:cut] + diff[cut + 1 :]):
        with suppress(DiffError):
            for file in parse_diff(damaged):
                resolve_hunks(file, b"".join(lines))
