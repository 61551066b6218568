"""The version of a file that git or an installer put there, and what git has of it, by their own records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ttsopt.boundary.git import run_git
from ttsopt.boundary.reading import read_bytes
from ttsopt.checkout.state.location import PACKAGES, Checkout
from ttsopt.checkout.state.store import fetch
from ttsopt.domain.blob_id import blob_id
from ttsopt.domain.journal import JournalFile
from ttsopt.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Pristine:
    """The version of a file that is nobody's edit.

    `is_published` says that the file has it, and that it is known to come from upstream. Where the file has
    something else, nobody was asked, and it is False.
    """

    data: bytes
    is_published: bool

    def is_same(self, data: bytes) -> bool:
        """Return True if bytes are that version, with either line end, as `core.autocrlf` has it."""
        return self.data in {data, data.replace(b"\r\n", b"\n")}


def pristine_version(checkout: Checkout, path: str, data: bytes) -> Pristine | None:
    """Return what git has at HEAD for a path from the top; of an installed package, `data` itself if unchanged.

    An installer's version is told by `RECORD`, in a folder of installed packages, which belongs to no repository
    around it. Where there is neither, or git gives no answer (of a repository of another owner, say): None.

    Raises:
        RefusedError: The path leads out of the checkout.
    """
    if checkout.top.name in PACKAGES:
        unchanged = any(_is_hash_of(data, recorded) for recorded in _recorded(checkout.top, path))
        return Pristine(data, is_published=True) if unchanged else None
    file = checkout.locate(path)
    # `cat-file` reads the blob as it is stored: no filter and no text conversion runs.
    committed = _asked(file, "cat-file", "blob", f"HEAD:./{file.name}")
    if committed is None:
        return None
    found = Pristine(committed, is_published=False)
    return replace(found, is_published=found.is_same(data) and _is_published(file))


def has_in_history(folder: Path, path: str, data: bytes) -> bool:
    """True if a commit that a branch, a tag, the stash or HEAD leads to has bytes at a path below a folder.

    A blob that nothing leads to, which `git add` or a reset left, is not enough: `git gc` deletes it.
    """
    # Plumbing: `git log` would start what the checkout's configuration names to look at signatures.
    history = ("rev-list", "--objects", "--all", "--full-history", "--", f":(literal){path}")
    wanted = blob_id(data).encode("ascii")
    try:
        done = run_git(folder, *history)
    except OSError:
        return False  # no git here, or no answer
    return done.returncode == 0 and any(
        line.split(b" ", 1)[0] == wanted for line in done.stdout.splitlines()
    )


def why_in_doubt(checkout: Checkout, file: JournalFile) -> str:
    """Why a file that is not there may still exist, and be patched; empty where it was deleted.

    With its whole folder gone, or empty, it may have been moved, or lie on what is not mounted. Git's index, or an
    installer's RECORD, tells that from a version that has it no more. What ttsopt laid out is no witness.
    """
    folder = (checkout.top / file.path).parent
    if not file.original_sha256 or folder == checkout.top or _holds_something(folder):
        return ""
    if _is_taken_away(checkout, file.path, file.original_sha256):
        return ""
    what = "is empty" if folder.is_dir() else "is not there"
    return f"its folder {folder} {what}: it may have been moved, or not be mounted"


def _is_taken_away(checkout: Checkout, path: str, original: str) -> bool:
    """True if git or an installer knew a file (by its path from the top) and has none there any more.

    `original` is the hash of its stored first version: a file that git never had is none that it took away.
    """
    if checkout.top.name in PACKAGES:
        return not any(_recorded(checkout.top, path))
    try:
        listed = run_git(checkout.top, "ls-files", "-z", "--cached", "--", f":(literal){path}")
        known = fetch(checkout, original) or b""
    except (OSError, RefusedError):
        return False  # no git, or no answer; or the first version is lost
    is_listed = listed.returncode != 0 or listed.stdout
    return not is_listed and has_in_history(checkout.top, path, known)


def _holds_something(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False


def _is_published(file: Path) -> bool:
    """True if the commit that changed it last is on a remote branch or in a tag: it was pulled, or is shared.

    A shallow clone of a tag has that tag alone, and no branch of a remote.
    """
    commit = _asked(file, "rev-list", "-1", "HEAD", "--", f":(literal){file.name}")
    contains = f"--contains={(commit or b'').decode().strip()}"
    places = ("refs/remotes", "refs/tags")
    return bool(commit and _asked(file, "for-each-ref", "--count=1", contains, *places))


def _asked(file: Path, *arguments: str) -> bytes | None:
    try:
        done = run_git(file.parent, *arguments)
    except OSError:
        return None  # no git here, no such folder, or no answer
    return done.stdout if done.returncode == 0 else None


def _recorded(top: Path, path: str) -> Iterator[str]:
    """Return what installers noted as the hash of a file, in every `RECORD` that names it.

    Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    import csv

    for record in top.glob("*.dist-info/RECORD"):
        data = _bytes_of(record)
        if path.encode() in data:
            lines = (line for line in data.decode("utf-8", "replace").splitlines() if path in line)
            yield from (row[1] for row in csv.reader(lines) if len(row) > 1 and row[0] == path)


def _bytes_of(record: Path) -> bytes:
    try:
        return read_bytes(record)
    except OSError:
        return b""  # what may not be read, or is no file, says nothing of any file


def _is_hash_of(data: bytes, recorded: str) -> bool:
    import base64
    import hashlib

    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return recorded == f"sha256={digest}"
