"""What a diff may hold, and what it is refused for: the reason, and the line that it is about."""

from __future__ import annotations

import pytest
from unidiff.patch import PatchSet

from ttsopt.domain.plan import Fate
from ttsopt.editing.unified.file_diff import DiffError, FileDiff
from ttsopt.editing.unified.parse import parse_diff
from ttsopt.editing.unified.write import unified_diff

HUNK = "@@ -1,2 +1,2 @@ def f():\n a\n-b\n+c\n"
NAMES = "--- a/x.py\n+++ b/x.py\n"
GIT = "diff --git a/x.py b/x.py\n"
NO_END = "\\ No newline at end of file\n"


def parsed(text: str) -> FileDiff:
    (file,) = parse_diff(text.encode())
    return file


THEN, EPOCH = "\t2024-01-01 10:00:00 +0100\n", "\t1970-01-01 01:00:00.000000000 +0100\n"
QUOTED = '\\350\\257\\255\\t\\"\\\\.py"\n'
NEW, GONE = "@@ -0,0 +1 @@\n+a\n", "@@ -1 +0,0 @@\n-a\n"
NAMED = {
    "plain": (NAMES + HUNK, "x.py", Fate.EDITED),
    "stamps": ("--- a/x.py" + THEN + "+++ b/x.py\t\n" + HUNK, "x.py", Fate.EDITED),
    "old-stamp": ("--- x.py 2024-01-01 10:00:00\n+++ x.py\n" + HUNK, "x.py", Fate.EDITED),
    "blanks": ("--- ./a/d e/x\t\n+++ ./b/d e/x\t\n" + HUNK, "d e/x", Fate.EDITED),
    "quoted": ('--- "a/' + QUOTED + '+++ "b/' + QUOTED + HUNK, '语\t"\\.py', Fate.EDITED),
    "empty-new": (GIT + "new file mode 100644\nindex 0..e\n", "x.py", Fate.CREATED),
    "git-blank": ("diff --git a/x y b/x y\nnew file mode 100644\n", "x y", Fate.CREATED),
    "new": ("--- /dev/null\n+++ b/d/x.py\n" + NEW, "d/x.py", Fate.CREATED),
    "new-by-epoch": ("--- o/x" + EPOCH + "+++ n/x" + THEN + NEW, "x", Fate.CREATED),
    "into-empty": ("--- o/x" + THEN + "+++ n/x" + THEN + NEW, "x", Fate.EDITED),
    "deleted": (GIT + "deleted file mode 100644\n--- a/x.py\n+++ /dev/null\n" + GONE, "x.py", Fate.DELETED),
    "deleted-by-epoch": ("--- o/x" + THEN + "+++ n/x" + EPOCH + GONE, "x", Fate.DELETED),
    "emptied": ("--- o/x" + THEN + "+++ n/x" + THEN + GONE, "x", Fate.EDITED),
    "empty-deleted": (GIT + "deleted file mode 100644\nindex e..0\n", "x.py", Fate.DELETED),
}  # fmt: skip


@pytest.mark.parametrize(("text", "path", "fate"), NAMED.values(), ids=NAMED)
def test_names_and_fate(text: str, path: str, fate: Fate) -> None:
    file = parsed(text)
    assert (file.source, file.target, file.fate, file.renames) == (path, path, fate, False)


@pytest.mark.parametrize("hunk", ["", '--- "a/d/\\303\\244"\n+++ b/y\n' + HUNK])
def test_a_rename(hunk: str) -> None:
    head = 'diff --git "a/d/\\303\\244" b/y\nsimilarity index 90%\n'
    file = parsed(head + 'rename from "d/\\303\\244"\nrename to y\n' + hunk)
    assert (file.source, file.target, file.renames) == ("d/ä", "y", True)
    assert len(file.hunks) == bool(hunk)


def test_a_path_without_prefix_is_kept_too() -> None:
    bare = parsed("--- src/x.py\n+++ src/x.py\n" + HUNK).without_prefix()
    assert (bare.source, bare.target) == ("src/x.py", "src/x.py")


def test_the_mode_of_a_new_file() -> None:
    assert parsed(GIT + "new file mode 100755\n").mode == 0o755
    assert parsed("--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n").mode == 0o644


def test_a_mail_with_a_series_is_read_past_its_text() -> None:
    mail = "From 1234 Mon Sep 17\nSubject: x\n\n---\n x.py | 2 +-\n\n"
    mail += GIT + "index 1..2 100644\n" + NAMES + HUNK + "-- \n2.39.5\n\n"
    files = parse_diff((mail + mail.replace("x.py", "y.py")).encode())
    assert [file.target for file in files] == ["x.py", "y.py"]


def test_lines_are_kept_to_the_byte() -> None:
    body = b"@@ -1,4 +1,3 @@\n \xff\r\n-a\x0cb\n-\x00\rc\n-last\n+\xe2\x80\xa8\n+end\n\\ Kein Zeilenumbruch\n"
    (file,) = parse_diff(NAMES.encode() + body)
    (hunk,) = file.hunks
    assert hunk.old == (b"\xff\r\n", b"a\x0cb\n", b"\x00\rc\n", b"last\n")
    assert hunk.new == (b"\xff\r\n", b"\xe2\x80\xa8\n", b"end")


def test_a_diff_whose_own_line_ends_were_converted_is_read_as_it_was() -> None:
    assert parsed((NAMES + HUNK).replace("\n", "\r\n")).hunks[0].old == (b"a\n", b"b\n")


def test_a_blank_context_line_may_have_lost_its_blank() -> None:
    assert parsed(NAMES + "@@ -1,3 +1,2 @@\n a\n\n-b\n").hunks[0].old == (b"a\n", b"\n", b"b\n")


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("", "no unified diff", 0),
        ("just text\n", "no unified diff", 0),
        ("2d\n1c\nx\n.\n", "ed script", 1),
        ("2c2\n< a\n---\n> b\n", "without context", 1),
        ("*** x\n--- y\n***************\n*** 1,2 ****\n! a\n", "context diff", 4),
        ("diff --cc x.py\nindex 1,2..3\n--- a/x.py\n+++ b/x.py\n@@@ -1 -1 +1 @@@\n", "combined", 1),
        (GIT + "index 1..2 100644\nGIT binary patch\nliteral 1\n", "binary", 3),
        (GIT + "index 1..2\nBinary files a/x.py and b/x.py differ\n", "binary", 3),
        ("Binary files a/x.py and b/x.py differ\n", "binary", 1),
        (GIT + "old mode 100644\nnew mode 100755\n", "mode of a file", 1),
        (GIT + "new file mode 120000\n--- /dev/null\n+++ b/x.py\n@@ -0,0 +1 @@\n+y\n", "symbolic link", 1),
        (GIT + "index 1..2 160000\n" + NAMES + HUNK, "submodule", 1),
        (GIT + "new file mode 100600\n", "no mode of a plain file", 1),
        (GIT + "similarity index 100%\ncopy from x.py\ncopy to y.py\n", "copies", 1),
        (GIT + "index 1..2 100644\n", "no change", 1),
        ("diff --git a/x b/y\ndeleted file mode 100644\n", "two different names", 1),
        (HUNK, "no names", 1),
        (NAMES + HUNK + "text\n" + HUNK, "no names", 8),
        (NAMES, "no hunk", 1),
        (NAMES + "@@ -1,x +1 @@\n a\n", "damaged head", 3),
        (NAMES + "@@ -0,1 +1 @@\n-a\n+b\n", "before the first line", 3),
        (NAMES + "@@ -1,3 +1,3 @@\n a\n-b\n+c\n", "ends in the middle of this hunk", 3),
        (NAMES + HUNK[:-1], "ends in the middle of this line", 6),
        (NAMES + HUNK + "+d\n", "more lines", 7),
        (NAMES + HUNK + " d\n", "more lines", 7),
        (NAMES + "@@ -1,2 +1,2 @@\n a\n-b\n-c\n", "not those that its head counts", 6),
        (NAMES + "@@ -1,2 +1,2 @@\n a\n*b\n", "begins with none of", 5),
        (NAMES + "@@ -1,2 +1,2 @@\n a\n b\n", "changes nothing", 3),
        (NAMES + "@@ -1,2 +1 @@\n-a\n" + NO_END + " b\n", "before the last line", 3),
        (NAMES + "@@ -1 +1 @@\n" + NO_END, "below no line", 4),
        ("--- /dev/null\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "a new file, but", 1),
        ("--- a/x\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n", "a deleted file, but", 1),
        (NAMES.replace("x.py", "../x.py") + HUNK, "has .. in it", 1),
        (NAMES.replace("x.py", ".git/hooks/x") + HUNK, "has .git in it", 1),
        (NAMES.replace("x.py", "d/.ttsopt/journal.json") + HUNK, "has .ttsopt in it", 1),
        ("--- a/x\n+++ /etc/passwd\n" + HUNK, "absolute", 1),
        ("--- C:\\x\n+++ C:\\x\n" + HUNK, "absolute", 1),
        ('--- "a/x\\000"\n+++ "b/x\\000"\n' + HUNK, "no name", 1),
        (GIT + "similarity index 100%\nrename from x\nrename to ../y\n", "has .. in it", 1),
    ],
)  # fmt: skip
def test_a_diff_is_refused_with_its_reason_and_line(text: str, reason: str, line: int) -> None:
    with pytest.raises(DiffError) as refused:
        parse_diff(text.encode())
    assert reason in refused.value.reason
    assert refused.value.line == line


@pytest.mark.parametrize("path", ["a.py", "d e/f.py", 'q"\\.py', "语\t\n.py", "x\udcff.py"])
def test_a_diff_of_ours_is_read_back(path: str) -> None:
    for before, after in ((b"a\n", b"b"), (None, b"a\n"), (b"a", None), (None, b""), (b"", None)):
        (file,) = parse_diff(unified_diff(path, before, after, 0o755))
        assert (file.source, file.target) == (path, path)
        assert b"".join(text for hunk in file.hunks for text in hunk.new) == (after or b"")


def test_unidiff_sees_the_same_lines() -> None:
    text = NAMES + HUNK + "@@ -8,3 +8,4 @@\n d\n+e\n f\n-g\n+h\n" + NAMES.replace("x", "y") + HUNK
    body = [row for file in parse_diff(text.encode()) for hunk in file.hunks for row in hunk.body]
    ours = [(row.kind.decode(), row.text.decode()) for row in body]
    theirs = [
        (row.line_type, row.value) for file in PatchSet(text) for hunk in file for row in hunk
    ]
    assert ours == theirs
