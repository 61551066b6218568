"""Bytes of a commit in the place of tracked files, found without git's own diff.

`git diff` and `git status` run the filters, drivers and file system monitor that a checkout's configuration names.
So names and ids come from `ls-tree` and `ls-files`, which read the repository alone, and files are hashed here.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ttsopt.boundary.git import run_git
from ttsopt.boundary.reading import open_regular
from ttsopt.errors import CannotRunError, RefusedError

_LINK, _SUBMODULE = "120000", "160000"
_LEFT_OUT = "S"  # `git ls-files -t`: by a sparse checkout
_CHUNK = 1024 * 1024
# As long as the pointers that Git LFS puts into commits are at most.
# Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_POINTER_BYTES = 1024
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n"
)
ELSEWHERE = "Name a folder that holds that version instead: --against DIR."


@dataclass(frozen=True, slots=True)
class _Blob:
    mode: str
    id: str


def files_at(root: Path, commit: str, copy: tuple[str, ...]) -> dict[str, bytes | None] | None:
    """Return the bytes that a commit has of tracked files which differ from it now, by path from `root`.

    None for a file that the commit has not; None for all where `commit` names none of the repository around it.
    `copy` are the paths that count; none: all. Files that differ from the commit in their line ends alone, that a
    sparse checkout leaves out, and submodules count as equal.

    Raises:
        RefusedError: A link that leads elsewhere, or a file in Git LFS that is another one.
        CannotRunError: There is no git, no answer of it, or an object that the repository lacks.
    """
    name = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}"
    )
    if name is None:
        return None
    there, here = _listed(root, name.decode().strip()), _tracked(root)
    paths = sorted(row for row in there.keys() | here.keys() if _counts(row, copy))
    try:
        return dict(
            row for path in paths for row in _rows(root, path, there.get(path), here.get(path, ""))
        )
    except OSError as error:
        message = f"{error.filename} cannot be read: {error.strerror}"
        raise CannotRunError(
            "unreadable", message, "Make it readable, then run it again."
        ) from error


def _rows(
    root: Path, path: str, blob: _Blob | None, tag: str
) -> Iterator[tuple[str, bytes | None]]:
    """The path with what the commit has there, or nothing where that is what is there now."""
    file = root / path
    if blob is None:
        yield from [(path, None)] if file.is_file() else []
    elif tag != _LEFT_OUT or os.path.lexists(file):
        yield from _difference(root, path, blob)


def _listed(root: Path, commit: str) -> dict[str, _Blob]:
    listed = _needed(root, "ls-tree", "-r", "-z", commit)
    heads = (row.partition(b"\t") for row in listed.split(b"\0") if row)
    rows = ((_text(path), head.decode().split(" ")) for head, _, path in heads)
    return {path: _Blob(mode, id_) for path, (mode, _, id_) in rows if mode != _SUBMODULE}


def _tracked(root: Path) -> dict[str, str]:
    """The paths in the index, with the letter that says how each stands."""
    rows = (_text(row).partition(" ") for row in _needed(root, "ls-files", "-t", "-z").split(b"\0"))
    return {path: letter for letter, _, path in rows if path}


def _counts(path: str, copy: tuple[str, ...]) -> bool:
    named = {PurePosixPath(row) for row in copy or (".",)}
    return not named.isdisjoint([PurePosixPath(path), *PurePosixPath(path).parents])


def _difference(root: Path, path: str, blob: _Blob) -> Iterator[tuple[str, bytes]]:
    file = root / path
    if blob.mode == _LINK and file.is_symlink():
        if _id(blob, os.fsencode(file.readlink())) != blob.id:
            message = f"{path} is a link that leads elsewhere in that commit"
            raise RefusedError("changed-link", message, ELSEWHERE)
    elif not file.is_file():
        yield path, _needed(root, "cat-file", "blob", blob.id)
    elif _is_other(file, blob):
        data = _needed(root, "cat-file", "blob", blob.id)
        if data.replace(b"\r\n", b"\n") == _start_of(file, 2 * len(data) + 1).replace(
            b"\r\n", b"\n"
        ):
            return
        pointer = _POINTER.match(data[:_POINTER_BYTES])
        if pointer is None:
            yield path, data
        elif _sha256(file) != pointer[1].decode():
            message = f"{path} is kept in Git LFS, and is another file in that commit"
            raise RefusedError("in-git-lfs", message, ELSEWHERE)


def _is_other(file: Path, blob: _Blob) -> bool:
    digest = _hash(blob)
    digest.update(b"blob %d\0" % file.stat().st_size)
    with open_regular(file) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest() != blob.id


def _id(blob: _Blob, data: bytes) -> str:
    digest = _hash(blob)
    digest.update(b"blob %d\0" % len(data) + data)
    return digest.hexdigest()


def _hash(blob: _Blob) -> hashlib._Hash:
    """That of the repository's ids."""
    kind = (
        "sha1" if len(blob.id) == hashlib.sha1(usedforsecurity=False).digest_size * 2 else "sha256"
    )
    return hashlib.new(kind, usedforsecurity=False)


def _start_of(file: Path, most: int) -> bytes:
    with open_regular(file) as stream:
        return stream.read(most)


def _sha256(file: Path) -> str:
    with open_regular(file) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _needed(root: Path, *arguments: str) -> bytes:
    said = _git(root, *arguments)
    if said is None:
        message = f"git has no answer to `git {' '.join(arguments)}` in {root}"
        hint = "Fetch what the repository lacks (`git fetch --refetch`), or name a folder: --against DIR."
        raise CannotRunError("missing-object", message, hint)
    return said


def _git(root: Path, *arguments: str) -> bytes | None:
    try:
        done = run_git(root, *arguments)
    except OSError as error:
        message = f"git is needed to compare with a commit: {error}"
        raise CannotRunError("no-git", message, "Name a folder instead.") from error
    return done.stdout if done.returncode == 0 else None


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
