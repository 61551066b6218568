"""Diffs against two appliers that did not write them: one of twenty lines here, and git's."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from ttsopt.editing.unified.write import count_lines, unified_diff

LINES = st.sampled_from(
    [
        b"a\n",
        b"b\n",
        b"\n",
        b"-- x\n",
        b"++ y\n",
        b"\\ No newline\n",
        b"c\r\n",
        "语 🎙\n".encode(),
        b"\xff\xfe\n",
        b"d\x0ce\n",
        "f\u2028g\n".encode(),
        b"h\ri\n",
        b"@@ -1 +1 @@\n",
        b"--- a/x\n",
        b" \n",
        b"\t\n",
    ]
)
ENDS = st.sampled_from([b"", b"last", b"last\r", "末".encode()])
TEXTS = st.builds(lambda lines, end: b"".join(lines) + end, st.lists(LINES, max_size=14), ENDS)
PATHS = [
    "a.py",
    "with blank/b c.py",
    'q"uo\\te.py',
    "语音/🎙.py",
    "new\nline.py",
    "ta\tb.py",
    "end .py ",
    "it's.py",
]


def applied(before: bytes, diff: bytes) -> bytes:
    """The diff carried out: context and removed lines must be where it says."""
    old = re.findall(rb"[^\n]*\n|[^\n]+", before)
    new: list[bytes] = []
    at = 0
    for hunk in re.split(rb"^(?=@@ -\d)", diff, flags=re.MULTILINE)[1:]:
        head, *body = re.findall(rb"[^\n]*\n", hunk)
        numbers = re.match(rb"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@\n", head)
        assert numbers
        start = int(numbers[1]) - (numbers[2] != b"0")
        new += old[at:start]
        at = start
        for index, line in enumerate(body):
            if line.startswith(b"\\"):
                continue
            bare = index + 1 < len(body) and body[index + 1].startswith(b"\\")
            text = line[1:-1] if bare else line[1:]
            if line[:1] in b" -":
                assert old[at] == text
                at += 1
            if line[:1] in b" +":
                new.append(text)
    return b"".join(new + old[at:])


@examples(300)
@given(TEXTS, TEXTS)
def test_a_diff_carried_out_gives_the_other_file(before: bytes, after: bytes) -> None:
    diff = unified_diff("a.py", before, after)
    assert applied(before, diff) == after
    assert bool(diff) == (before != after)


@examples(300)
@given(TEXTS, TEXTS)
def test_lines_are_counted_as_the_diff_shows_them(before: bytes, after: bytes) -> None:
    diff = unified_diff("a.py", before, after)
    body = [
        line
        for line in diff.split(b"\n")[4:]
        if not re.match(rb"@@ -\d+(,\d+)? \+\d+(,\d+)? @@$", line)
    ]
    assert count_lines(diff) == (
        sum(line.startswith(b"+") for line in body),
        sum(line.startswith(b"-") for line in body),
    )


CHANGES = {
    "last-line": (b"a\nb\n", b"a\nc"),
    "line-end": (b"a\nb", b"a\nb\n"),
    "crlf": (b"a\r\nb\r\n", b"a\r\nc\r\n"),
    "unicode": ("x\u2028y\n语".encode(), "x\u2028z\n语🎙".encode()),
    "bytes": (b"\xff\n" * 20, b"\xff\n" * 9 + b"\xfe\x0c\n" + b"\xff\n" * 10),
    "emptied": (b"x\n", b""),
    "created": (None, b"a\r\n\xff"),
    "created-empty": (None, b""),
    "deleted": (b"a\n\x0cb", None),
    "deleted-empty": (b"", None),
}
APPLIERS = {
    "git": ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-p1", "-"],
    "patch": ["patch", "-p1", "-F0", "--binary", "--force", "--quiet"],
}


@pytest.mark.parametrize("program", APPLIERS)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES)
def test_it_is_applied_by_others(
    tmp_path: Path, path: str, before: bytes | None, after: bytes | None, program: str
) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program} is not there")
    if program == "patch" and path in {"new\nline.py", "end .py "}:
        pytest.skip("GNU patch 2.7 knows no such names")
    file = tmp_path / path
    if before is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(before)
    diff = unified_diff(path, before, after)
    done = subprocess.run(
        APPLIERS[program], cwd=tmp_path, input=diff, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (file.read_bytes() if file.exists() else None) == after


@pytest.mark.skipif(not shutil.which("git"), reason="git is not there")
@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES)
def test_its_ids_are_those_of_git(
    tmp_path: Path, before: bytes | None, after: bytes | None
) -> None:
    said = re.search(rb"^index (\S+)\.\.(\S+)$", unified_diff("a", before, after), re.MULTILINE)
    assert said
    for data, name in zip((before, after), said.groups(), strict=True):
        done = subprocess.run(
            ["git", "hash-object", "--stdin"],
            cwd=tmp_path,
            input=data,
            capture_output=True,
            check=True,
        )
        assert name == (b"0" * 40 if data is None else done.stdout.strip())


@pytest.mark.skipif(not shutil.which("git"), reason="git is not there")
def test_git_merges_it_where_its_context_has_changed(tmp_path: Path) -> None:
    before = b"".join(b"%d\n" % number for number in range(9))
    diff = unified_diff("a", before, before.replace(b"4\n", b"four\n"))
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    for there in (before, before.replace(b"1\n", b"one\n")):
        (tmp_path / "a").write_bytes(there)
        subprocess.run(["git", "add", "a"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", "--3way", "-"], cwd=tmp_path, input=diff, check=True)
    assert (tmp_path / "a").read_bytes() == b"0\none\n2\n3\nfour\n5\n6\n7\n8\n"


@pytest.mark.skipif(not shutil.which("git"), reason="git is not there")
def test_a_created_file_may_be_executable(tmp_path: Path) -> None:
    diff = unified_diff("run me.sh", None, b"#!/bin/sh\n", 0o755)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff, check=True)
    assert (tmp_path / "run me.sh").stat().st_mode & 0o111


@pytest.mark.parametrize("program", APPLIERS)
def test_a_diff_of_many_files_is_applied_by_others(tmp_path: Path, program: str) -> None:
    """An empty file has no names above hunks: those of the next file must not be taken for its own."""
    if not shutil.which(program):
        pytest.skip(f"{program} is not there")
    edited = unified_diff("e", b"a\nb\n", b"a\nc\n")
    empty, gone = unified_diff("n e", None, b""), unified_diff("gone", b"x", None)
    # GNU patch ends the header of an empty file at the next `diff --git` alone.
    diff = gone + edited + empty if program == "patch" else empty + edited + gone
    (tmp_path / "e").write_bytes(b"a\nb\n")
    (tmp_path / "gone").write_bytes(b"x")
    subprocess.run(APPLIERS[program], cwd=tmp_path, input=diff, check=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "n e": b"",
        "e": b"a\nc\n",
    }


@pytest.mark.parametrize(
    ("row", "counted"),
    [
        (("语 x", None, b"a\nb"), (2, 0)),
        (("b", None, b""), (0, 0)),
        (("c", b"a\n", None), (0, 1)),
        (("d e", b"a\n", b"b\nc\n"), (2, 1)),
        (("d", b"", None), (0, 0)),
    ],
)
def test_lines_are_counted_whatever_the_file_is_called(
    row: tuple[str, bytes | None, bytes | None], counted: tuple[int, int]
) -> None:
    assert count_lines(unified_diff(*row)) == counted


def test_equal_files_have_no_diff() -> None:
    assert unified_diff("a.py", b"a", b"a") == b""
    assert count_lines(b"") == (0, 0)
