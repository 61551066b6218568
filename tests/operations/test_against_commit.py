"""What differs from a commit, told by hashes and without git's diff."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest
from git_command import commit_all, git

from ttsopt.errors import CannotRunError, RefusedError
from ttsopt.operations.bench.against_commit import files_at

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    for path in ("top.py", "src/a.py", "src/b.py", "docs/c.md"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(f"{path}\n".encode())
    commit_all(folder)
    return folder


def test_edited_deleted_and_new_files_have_what_the_commit_has(tree: Path) -> None:
    (tree / "src/a.py").write_bytes(b"edited\n")
    (tree / "src/b.py").unlink()
    (tree / "src/new.py").write_bytes(b"")
    (tree / "src/untracked.py").write_bytes(b"")
    git(tree, "add", "src/new.py")
    there = {"a.py": b"src/a.py\n", "b.py": b"src/b.py\n", "new.py": None}
    assert files_at(tree, "HEAD", ()) == {f"src/{path}": data for path, data in there.items()}
    assert files_at(tree / "src", "HEAD", ()) == there
    assert files_at(tree, "HEAD", ("docs", "top.py")) == {}
    assert files_at(tree, "HEAD", ("docs", "src/a.py")) == {"src/a.py": b"src/a.py\n"}


@pytest.mark.parametrize("name", ["no-such", "--all", "HEAD:top.py", "HEAD^{tree}", ""])
def test_what_is_no_commit_is_none(tree: Path, name: str) -> None:
    assert files_at(tree, name, ()) is None
    assert files_at(tree.parent, "HEAD", ()) is None


def test_line_ends_alone_are_no_difference(tree: Path) -> None:
    (tree / "top.py").write_bytes(b"top.py\r\n")
    assert files_at(tree, "HEAD", ()) == {}


def test_what_a_sparse_checkout_leaves_out_is_not_deleted(tree: Path) -> None:
    git(tree, "sparse-checkout", "set", "src")
    assert not (tree / "docs").exists()
    assert files_at(tree, "HEAD", ()) == {}


def test_a_file_in_git_lfs_is_compared_by_its_pointer(tree: Path) -> None:
    data = b"weights" * 1000
    (tree / "w.bin").write_text(POINTER.format(hashlib.sha256(data).hexdigest(), len(data)))
    git(tree, "add", "w.bin")
    git(tree, "commit", "-q", "-m", "weights")
    (tree / "w.bin").write_bytes(data)
    assert files_at(tree, "HEAD", ()) == {}
    (tree / "w.bin").write_bytes(b"others")
    with pytest.raises(RefusedError) as caught:
        files_at(tree, "HEAD", ())
    assert caught.value.code == "in-git-lfs"


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_a_link_is_compared_by_where_it_leads(tree: Path) -> None:
    (tree / "link.py").symlink_to("src/a.py")
    git(tree, "add", "link.py")
    git(tree, "commit", "-q", "-m", "link")
    assert files_at(tree, "HEAD", ()) == {}
    (tree / "link.py").unlink()
    (tree / "link.py").symlink_to("src/b.py")
    with pytest.raises(RefusedError) as caught:
        files_at(tree, "HEAD", ())
    assert caught.value.code == "changed-link"


def test_submodules_are_as_they_are(tree: Path) -> None:
    head = git(tree, "rev-parse", "HEAD")
    git(tree, "update-index", "--add", "--cacheinfo", f"160000,{head},third_party/other")
    git(tree, "commit", "-q", "-m", "submodule")
    (tree / "third_party/other").mkdir(parents=True)
    (tree / "third_party/other/file.py").write_bytes(b"")
    assert files_at(tree, "HEAD", ()) == {}
    assert files_at(tree, "HEAD~1", ()) == {}


def test_an_object_that_the_repository_lacks_is_said(tree: Path) -> None:
    (tree / "top.py").write_bytes(b"edited\n")
    blob = git(tree, "rev-parse", "HEAD:top.py")
    (tree / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(CannotRunError) as caught:
        files_at(tree, "HEAD", ())
    assert caught.value.code == "missing-object"


def test_a_replaced_object_is_not_taken_for_the_commits_own(tree: Path) -> None:
    other = tree.parent / "other"
    other.write_bytes(b"not what was committed\n")
    blob = git(tree, "rev-parse", "HEAD:top.py")
    git(tree, "replace", blob, git(tree, "hash-object", "-w", str(other)))
    (tree / "top.py").write_bytes(b"edited\n")
    assert files_at(tree, "HEAD", ()) == {"top.py": b"top.py\n"}
