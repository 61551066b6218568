"""Diffs against two appliers that did not write them: one of twenty lines here, and git's."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ttsopt.editing.diff import count_lines, unified_diff

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


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXTS, TEXTS)
def test_a_diff_carried_out_gives_the_other_file(before: bytes, after: bytes) -> None:
    diff = unified_diff("a.py", before, after)
    assert applied(before, diff) == after
    assert bool(diff) == (before != after)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXTS, TEXTS)
def test_lines_are_counted_as_the_diff_shows_them(before: bytes, after: bytes) -> None:
    diff = unified_diff("a.py", before, after)
    body = [
        line
        for line in diff.split(b"\n")[2:]
        if not re.match(rb"@@ -\d+(,\d+)? \+\d+(,\d+)? @@$", line)
    ]
    assert count_lines(diff) == (
        sum(line.startswith(b"+") for line in body),
        sum(line.startswith(b"-") for line in body),
    )


@pytest.mark.skipif(not shutil.which("git"), reason="git is not there")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\nb\n", b"a\nc"),
        (b"a\nb", b"a\nb\n"),
        (b"a\r\nb\r\n", b"a\r\nc\r\n"),
        ("x\u2028y\n语".encode(), "x\u2028z\n语🎙".encode()),
        (b"\xff\n" * 20, b"\xff\n" * 9 + b"\xfe\x0c\n" + b"\xff\n" * 10),
        (b"x\n", b""),
    ],
    ids=["last-line", "line-end", "crlf", "unicode", "bytes", "emptied"],
)
def test_git_applies_the_diff(tmp_path: Path, path: str, before: bytes, after: bytes) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(before)
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-p1", "-"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        input=unified_diff(path, before, after),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == after


def test_equal_files_have_no_diff() -> None:
    assert unified_diff("a.py", b"a", b"a") == b""
    assert count_lines(b"") == (0, 0)
