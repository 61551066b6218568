"""Files of a git work tree against what commits say of them, compared by content and without any filter."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from ttsopt.checkout.fs.files import LARGEST_SOURCE, read_if_there, sha256
from ttsopt.checkout.fs.folder import open_folder
from ttsopt.checkout.fs.plain_file import open_plain
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.store import fetch
from ttsopt.checkout.upstream.repository import EXECUTABLE, LINK, SUBMODULE, Entry, Repository, Tree
from ttsopt.domain.journal import Journal, JournalFile
from ttsopt.errors import CannotRunError, RefusedError

CHUNK = 1 << 20
SHA1_LENGTH = 40


def uncommitted(
    checkout: Checkout, repository: Repository, journal: Journal, tree: Tree
) -> Iterator[tuple[str, str]]:
    """Give the files that are not what a commit has, once the patches of the journal are out, and why.

    Line ends as `core.autocrlf` has them are no difference; what is not checked out (sparse) is none either.

    Raises:
        CannotRunError: A file cannot be read.
    """
    index = repository.index()
    with_modes = os.name == "posix" and repository.setting("core.fileMode") != "false"
    known = {file.path: file for file in journal.files}
    for path in sorted({*index, *tree}):
        staged, committed = index.get(path), tree.get(path)
        if staged != committed:
            yield path, "it is staged"
        elif committed and committed.mode != SUBMODULE and not staged.skipped:  # type: ignore[union-attr]
            why = _difference(checkout, path, committed, known.get(path), with_modes=with_modes)
            if why:
                yield path, why


def is_blob(top: Path, path: str, entry: Entry | None) -> bool:
    """True if a file has the content of a commit's; of no entry, if there is no file.

    Raises:
        CannotRunError: It cannot be read.
    """
    place = top / path
    if not os.path.lexists(place):
        return entry is None
    if entry is None or (place.is_dir() and not place.is_symlink()):
        return False
    if place.is_symlink():
        return entry.mode == LINK and _id_of(os.fsencode(place.readlink()), entry) == entry.id
    return _is_same_file(place, entry)


def is_begun(top: Path, path: str, data: bytes) -> bool:
    """True if a file is the beginning of some bytes, or not there: a write of them that was stopped.

    Raises:
        CannotRunError: It cannot be read.
    """
    place = top / path
    if not os.path.lexists(place):
        return True
    if place.is_symlink() or not place.is_file() or place.stat().st_size > len(data):
        return False
    return data.startswith(_bytes(place))


def _difference(
    checkout: Checkout, path: str, entry: Entry, file: JournalFile | None, *, with_modes: bool
) -> str:
    place = checkout.top / path
    if file is not None and _is_as_left(place, file):
        return _difference_of_original(checkout, file, entry)
    if not os.path.lexists(place):
        return "it was deleted"
    if not is_blob(checkout.top, path, entry):
        return "it was edited"
    is_executable = bool(place.lstat().st_mode & 0o100)
    is_plain = entry.mode != LINK
    if with_modes and is_plain and is_executable != (entry.mode == EXECUTABLE):
        return "its mode was changed"
    return ""


def _is_as_left(place: Path, file: JournalFile) -> bool:
    if not os.path.lexists(place):
        return not file.written_sha256
    return (
        bool(file.written_sha256)
        and place.is_file()
        and not place.is_symlink()
        and sha256(_bytes(place)) == file.written_sha256
    )


def _difference_of_original(checkout: Checkout, file: JournalFile, entry: Entry) -> str:
    try:
        original = fetch(checkout, file.original_sha256)
    except RefusedError as error:
        return error.message
    if original is not None and _is_same(original, entry):
        return ""
    return "without the patches, it is not what the commit has"


def _is_same_file(place: Path, entry: Entry) -> bool:
    try:
        with open_folder(place.parent) as folder, open_plain(folder, place.name) as handle:
            size = os.fstat(handle).st_size
            algorithm = _hash(entry)
            algorithm.update(b"blob %d\0" % size)
            while chunk := os.read(handle, CHUNK):
                algorithm.update(chunk)
    except OSError as error:
        raise _unreadable(place, error) from error
    if algorithm.hexdigest() == entry.id:
        return True
    return size <= LARGEST_SOURCE and _is_same(_bytes(place), entry)


def _is_same(data: bytes, entry: Entry) -> bool:
    return entry.id in {_id_of(data, entry), _id_of(data.replace(b"\r\n", b"\n"), entry)}


def _id_of(data: bytes, entry: Entry) -> str:
    algorithm = _hash(entry)
    algorithm.update(b"blob %d\0" % len(data) + data)
    return algorithm.hexdigest()


def _hash(entry: Entry) -> hashlib._Hash:
    name = "sha1" if len(entry.id) == SHA1_LENGTH else "sha256"
    return hashlib.new(name, usedforsecurity=False)


def _bytes(place: Path) -> bytes:
    return read_if_there(place.parent.resolve() / place.name) or b""


def _unreadable(place: Path, error: OSError) -> CannotRunError:
    message = f"cannot read {place}: {error.strerror}"
    return CannotRunError("unreadable", message, "Check its permissions.")
