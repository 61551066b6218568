"""Whether a file is as git or an installer has it, and that a hostile repository gets nothing run."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from pathlib import Path

import pytest
from git_command import commit_all, git

from ttsopt.checkout.state.location import Checkout, open_checkout
from ttsopt.checkout.upstream.pristine import pristine_version
from ttsopt.errors import RefusedError

DATA = "a = 1  # 语\nb = 2\n".encode()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    top = tmp_path / "repository"
    (top / "pkg" / "deep").mkdir(parents=True)
    (top / "pkg" / "deep" / "a file.py").write_bytes(DATA)
    commit_all(top)
    return top


def is_pristine(checkout: Checkout, path: str, data: bytes) -> bool:
    found = pristine_version(checkout, path, data)
    return found is not None and found.is_same(data)


def asked(top: Path, path: str = "pkg/deep/a file.py", data: bytes = DATA) -> bool:
    return is_pristine(Checkout(top.resolve(), top.resolve()), path, data)


def test_the_version_at_head_is_pristine_with_either_line_end(repository: Path) -> None:
    assert asked(repository)
    assert asked(repository, data=DATA.replace(b"\n", b"\r\n"))
    assert not asked(repository, data=DATA + b"#")
    assert not asked(repository, path="pkg/deep/none.py")
    assert not asked(repository, path="none/a.py")
    with pytest.raises(RefusedError):
        asked(repository, path="../a.py")


def test_it_is_head_that_counts(repository: Path) -> None:
    file = repository / "pkg" / "deep" / "a file.py"
    file.write_bytes(DATA + b"c = 3\n")
    git(repository, "add", ".")
    assert asked(repository)
    assert not asked(repository, data=DATA + b"c = 3\n")
    git(repository, "commit", "-q", "-m", "second")
    assert not asked(repository)
    assert asked(repository, data=DATA + b"c = 3\n")


def test_gits_top_may_be_above_the_checkouts_or_below(repository: Path, tmp_path: Path) -> None:
    assert asked(repository / "pkg", "deep/a file.py")
    assert asked(tmp_path, "repository/pkg/deep/a file.py")


def test_a_committed_crlf_file_is_taken_as_it_is(repository: Path) -> None:
    file = repository / "crlf.py"
    file.write_bytes(b"a\r\n")
    git(repository, "-c", "core.autocrlf=false", "add", ".")
    git(repository, "commit", "-q", "-m", "crlf")
    assert asked(repository, "crlf.py", b"a\r\n")
    assert not asked(repository, "crlf.py", b"a\n")


def test_no_repository_no_commit_and_no_git_are_no_proof(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.py").write_bytes(DATA)
    assert not asked(tmp_path, "a.py")
    git(tmp_path, "init", "-q")
    assert not asked(tmp_path, "a.py")
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    assert not asked(repository)


def test_what_git_sets_for_a_hook_does_not_turn_the_question(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    assert asked(repository)


HOSTILE = {
    "core.fsmonitor": "{script}",
    "core.hooksPath": "{folder}",
    "core.sshCommand": "{script}",
    "core.pager": "{script}",
    "core.gitProxy": "{script}",
    "core.editor": "{script}",
    "pager.cat-file": "{script}",
    "filter.x.clean": "{script}",
    "filter.x.smudge": "{script}",
    "filter.x.process": "{script}",
    "filter.x.required": "true",
    "diff.x.textconv": "{script}",
    "diff.x.command": "{script}",
    "diff.external": "{script}",
    "merge.x.driver": "{script}",
    "alias.cat-file": "!{script}",
    "credential.helper": "!{script}",
    "extensions.partialClone": "origin",
    "remote.origin.promisor": "true",
    "remote.origin.uploadpack": "{script}",
}


@pytest.mark.parametrize("url", ["{other}", "ssh://localhost/x", "ext::{script}", "file://{other}"])
@pytest.mark.parametrize("blob", ["there", "lost"])
def test_nothing_that_a_hostile_repository_names_is_run(
    repository: Path, tmp_path: Path, url: str, blob: str
) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    ran, script = folder / "ran", folder / "post-index-change"
    script.write_text(f'#!/bin/sh\n: > "{ran}"\nexit 1\n', encoding="utf-8")
    script.chmod(0o755)
    (repository / ".gitattributes").write_text("* filter=x diff=x merge=x\n", encoding="utf-8")
    object_name = git(repository, "rev-parse", "HEAD:pkg/deep/a file.py")
    names = {"script": str(script), "folder": str(folder), "other": str(tmp_path / "other")}
    shutil.copytree(repository, tmp_path / "other")
    settings = {**HOSTILE, "remote.origin.url": url, "protocol.allow": "always"}
    for key, value in settings.items():
        git(repository, "config", key, value.format(**names))
    git(repository, "config", "core.repositoryFormatVersion", "1")
    if blob == "lost":
        (repository / ".git" / "objects" / object_name[:2] / object_name[2:]).unlink()
    assert asked(repository) == (blob == "there")
    assert not ran.exists()
    # The trap is one: where git may do as it is told, the script runs.
    os.system(f'cd "{repository}" && git status >"{os.devnull}" 2>&1')  # noqa: S605
    assert ran.exists()


def hashed(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return "sha256=" + digest.rstrip(b"=").decode()


def installed(folder: Path, name: str, *rows: str) -> Checkout:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return Checkout(folder.resolve(), folder.resolve())


@pytest.mark.parametrize("name", ["site-packages", "dist-packages"])
def test_what_an_installer_noted_is_pristine(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    rows = (f"x/a.py,{hashed(DATA)},{len(DATA)}", '"x/a,b.py",' + hashed(b"2") + ",1", "x/c.py,,")
    installed(folder, "other", f"x/a.pyc,{hashed(b'')},0", f"x/a.py.txt,{hashed(DATA)},9")
    (folder / "broken-1.0.dist-info").mkdir()
    checkout = installed(folder, "x", *rows)
    assert is_pristine(checkout, "x/a.py", DATA)
    assert not is_pristine(checkout, "x/a.py", DATA + b"#")
    assert is_pristine(checkout, "x/a,b.py", b"2")
    assert not is_pristine(checkout, "x/c.py", DATA)
    assert not is_pristine(checkout, "x/none.py", DATA)


def test_another_packages_older_record_does_not_hide_the_right_one(tmp_path: Path) -> None:
    folder = tmp_path / "site-packages"
    installed(folder, "a", f"x/a.py,{hashed(b'old')},3")
    checkout = installed(folder, "b", f"x/a.py,{hashed(DATA)},3")
    assert is_pristine(checkout, "x/a.py", DATA)
    assert is_pristine(checkout, "x/a.py", b"old")


def test_installed_packages_belong_to_no_repository_around_them(tmp_path: Path) -> None:
    folder = tmp_path / "site-packages"
    checkout = installed(folder, "x", f"x/a.py,{hashed(DATA)},3")
    (folder / "x").mkdir()
    (folder / "x" / "a.py").write_bytes(b"committed")
    commit_all(tmp_path)
    assert not is_pristine(checkout, "x/a.py", b"committed")
    assert is_pristine(checkout, "x/a.py", DATA)


def test_outside_of_such_a_folder_a_record_says_nothing(tmp_path: Path) -> None:
    installed(tmp_path / "packages", "x", f"a.py,{hashed(DATA)},3")
    checkout = open_checkout(tmp_path / "packages")
    assert not is_pristine(checkout, "a.py", DATA)


def is_published(top: Path, data: bytes = DATA) -> bool:
    found = pristine_version(open_checkout(top), "pkg/deep/a file.py", data)
    assert found is not None
    return found.is_published


def test_what_a_remote_has_is_published(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(repository), "clone")
    assert is_published(clone)
    assert is_published(clone, DATA.replace(b"\n", b"\r\n"))
    (clone / "pkg" / "deep" / "a file.py").write_bytes(DATA + b"c = 3\n")
    git(clone, "commit", "-q", "-a", "-m", "of one's own")
    assert not is_published(clone, DATA + b"c = 3\n")


def test_what_git_does_not_have_is_published_by_nobody(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(repository), "clone")
    assert not is_published(tmp_path / "clone", DATA + b"#")


@pytest.mark.parametrize("kind", [(), ("-a", "-m", "annotated")])
def test_what_a_shallow_clone_of_a_tag_has_is_published(
    repository: Path, tmp_path: Path, kind: tuple[str, ...]
) -> None:
    newer, clone = DATA + b"c = 3\n", tmp_path / "clone"
    git(repository, "tag", *kind, "v1")
    (repository / "pkg" / "deep" / "a file.py").write_bytes(newer)
    git(repository, "commit", "-q", "-a", "-m", "second")
    git(repository, "tag", *kind, "v2")
    git(tmp_path, "clone", "-q", "--depth", "1", "-b", "v1", repository.as_uri(), "clone")
    assert git(clone, "for-each-ref", "refs/remotes") == ""
    assert is_published(clone)
    git(clone, "fetch", "-q", "--depth", "1", "origin", "tag", "v2")
    git(clone, "checkout", "-q", "-f", "v2")
    assert is_published(clone, newer)
    (clone / "pkg" / "deep" / "a file.py").write_bytes(DATA)
    git(clone, "commit", "-q", "-a", "-m", "of one's own")
    assert not is_published(clone)
