"""A user's patch file against a checkout: which files it means, and whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.location import open_checkout
from ttsopt.domain.effect import Effect
from ttsopt.domain.journal import Journal
from ttsopt.domain.plan import Fate, PlannedFile, PlannedPatch, Status
from ttsopt.editing.compose import compose
from ttsopt.editing.unified.write import unified_diff
from ttsopt.errors import UsageError
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.fit_diff import fit_diff

OLD = b"".join(b"line %d\n" % number for number in range(20))
NEW = OLD.replace(b"line 3\n", b"three\n").replace(b"line 15\n", b"fifteen\nand more\n")
RENAME = "diff --git a/src/x.py b/src/y.py\nsimilarity index 90%\nrename from src/x.py\nrename to src/y.py\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with one file, `src/x.py`."""
    (tmp_path / "tree" / "src").mkdir(parents=True)
    (tmp_path / "tree" / "src" / "x.py").write_bytes(OLD)
    return tmp_path / "tree"


def fit(tree: Path, diff: bytes, name: str = "my own.patch") -> PlannedPatch:
    file = tree.parent / name
    file.write_bytes(diff)
    return fit_diff(Baseline(open_checkout(tree), Journal()), file)


def after(tree: Path, row: PlannedPatch) -> dict[str, bytes]:
    """What the files come to that the patch leaves there."""
    kept = [file for file in row.files if file.fate is not Fate.DELETED]
    return {file.path: compose(before(tree, file), file.splices) for file in kept}


def before(tree: Path, file: PlannedFile) -> bytes:
    path = tree / file.path
    return path.read_bytes() if path.exists() else b""


def test_a_patch_file_becomes_a_row(tree: Path) -> None:
    row = fit(tree, unified_diff("src/x.py", OLD, NEW))
    assert (row.status, row.root, row.patch.id) == (Status.APPLIED, ".", "file/my-own")
    assert row.patch.effect is Effect.LOSSY
    assert after(tree, row) == {"src/x.py": NEW}
    (file,) = row.files
    assert file.before_sha256 == sha256(OLD)
    assert [answer.line for answer in file.answers] == [4, 16]
    # Context is no part of the splices, so that other patches may edit beside them.
    assert [splice.removed for splice in file.splices] == [b"line 3\n", b"line 15\n"]


def test_paths_without_prefix_are_taken_whole_where_the_checkout_has_them_so(tree: Path) -> None:
    diff = unified_diff("src/x.py", OLD, NEW).replace(b" a/", b" ").replace(b" b/", b" ")
    diff += b"--- /dev/null\n+++ src/z.py\n@@ -0,0 +1 @@\n+z\n"
    assert after(tree, fit(tree, diff)) == {"src/x.py": NEW, "src/z.py": b"z\n"}


@pytest.mark.parametrize(
    ("name", "path"), [("src/z.py", "src/z.py"), ("new/z.py", "z.py"), ("b/z", "z")]
)
def test_new_files_alone_are_laid_where_their_first_folder_says(
    tree: Path, name: str, path: str
) -> None:
    diff = f"--- /dev/null\n+++ {name}\n@@ -0,0 +1 @@\n+z\n".encode()
    assert after(tree, fit(tree, diff)) == {path: b"z\n"}


def test_of_two_names_the_one_that_is_there_is_meant(tree: Path) -> None:
    diff = unified_diff("src/x.py", OLD, NEW).replace(b"--- a/src/x.py", b"--- a/src/x.py.orig")
    assert after(tree, fit(tree, diff)) == {"src/x.py": NEW}


def test_created_deleted_and_renamed_files(tree: Path) -> None:
    for name in ("gone.py", "run.sh"):
        (tree / name).write_bytes(OLD)
    (tree / "run.sh").chmod(0o755)
    rename = RENAME.replace("src/x.py", "run.sh").replace("src/y.py", "go.sh")
    # The names and hunks, without a header of their own.
    names = unified_diff("run.sh", OLD, NEW).partition(b"--- ")[2]
    hunks = b"--- " + names.replace(b"+++ b/run.sh", b"+++ b/go.sh")
    diff = unified_diff("d/new.py", None, b"n", 0o755) + unified_diff("gone.py", OLD, None)
    row = fit(tree, diff + unified_diff("empty", None, b"") + rename.encode() + hunks)
    assert row.status is Status.APPLIED
    assert after(tree, row) == {"d/new.py": b"n", "empty": b"", "go.sh": NEW}
    fates = {file.path: (file.fate, file.mode) for file in row.files}
    created, deleted = Fate.CREATED, (Fate.DELETED, 0o644)
    assert fates["d/new.py"] == fates["go.sh"] == (created, 0o755)
    assert fates["empty"] == (created, 0o644)
    assert fates["gone.py"] == fates["run.sh"] == deleted


@pytest.mark.parametrize("diff", [
    unified_diff("src/x.py", OLD.replace(b"line 4\n", b""), OLD),
    unified_diff("src/x.py", None, OLD),
    unified_diff("src/w.py", OLD, None),
    RENAME.replace("src/x.py", "src/w.py").replace("src/y.py", "src/x.py").encode(),
])  # fmt: skip
def test_a_change_that_is_there_is_already(tree: Path, diff: bytes) -> None:
    row = fit(tree, diff)
    assert row.status is Status.ALREADY
    assert not any(file.splices or file.fate is not Fate.EDITED for file in row.files)


@pytest.mark.parametrize(("diff", "why", "file", "reason"), [
    (unified_diff("src/w.py", OLD, NEW), "missing", "src/w.py", "no such file"),
    (unified_diff("src/x.py", None, NEW), "exists", "src/x.py", "with other bytes"),
    (unified_diff("src/x.py", OLD[:-7], None), "mismatch", "src/x.py", "line 19"),
    (unified_diff("src/x.py", b"", None), "mismatch", "src/x.py", "more in it"),
    (unified_diff("src/x.py", OLD, NEW) * 2, "repeated", "src/x.py", "one diff of both"),
    (unified_diff("src/x.py", OLD, NEW) + unified_diff("w", OLD, None), "mismatch", "w", "already"),
    (RENAME.replace("src/x.py", "w").encode(), "missing", "w", "no such file"),
    (unified_diff("src", None, NEW), "exists", "src", "a folder stands"),
    (RENAME.replace("src/y.py", "src/x.py/y").encode(), "exists", "src/x.py/y", "a file for a folder"),
])  # fmt: skip
def test_one_file_that_does_not_fit_refuses_all(
    tree: Path, diff: bytes, why: str, file: str, reason: str
) -> None:
    row = fit(tree, unified_diff("fine.py", None, b"f") + diff)
    assert (row.status, row.why, row.file, row.files) == (Status.REFUSED, why, file, ())
    assert reason in row.reason
    assert row.hint


def test_a_hunk_that_does_not_fit_is_told_with_its_line(tree: Path) -> None:
    row = fit(tree, unified_diff("src/x.py", OLD.replace(b"line 14", b"other"), NEW))
    assert (row.status, row.file, row.line) == (Status.REFUSED, "src/x.py", 15)
    assert row.answer is not None
    assert (row.answer.looked_for, row.answer.nearest) == ("other", "line 14")
    assert "`line 14` where the diff expects `other`" in row.reason


def test_a_link_is_not_deleted_for_what_it_leads_to(tree: Path) -> None:
    (tree / "link.py").symlink_to("src/x.py")
    row = fit(tree, unified_diff("link.py", OLD, None))
    assert (row.status, row.why) == (Status.REFUSED, "link")


def test_a_link_that_leads_out_of_the_checkout_is_refused(tree: Path) -> None:
    (tree / "out").symlink_to(tree.parent)
    row = fit(tree, unified_diff("out/x.py", None, b"x"))
    assert (row.status, row.why) == (Status.REFUSED, "outside")


def test_a_missing_or_bad_patch_file_is_wrong_use(tree: Path) -> None:
    baseline = Baseline(open_checkout(tree), Journal())
    with pytest.raises(UsageError) as missing:
        fit_diff(baseline, tree / "none.patch")
    assert missing.value.code == "no-such-patch-file"
    with pytest.raises(UsageError) as bad:
        fit(tree, unified_diff("src/x.py", OLD, NEW) + b" one line too many\n", "bad.patch")
    assert bad.value.code == "bad-patch-file"
    assert "bad.patch:24: a hunk with more lines" in bad.value.message
