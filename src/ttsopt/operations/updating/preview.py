"""Preview of reapplying on a commit that is not checked out: planned in a folder that holds its files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ttsopt.checkout.fs.files import LARGEST_SOURCE, create_file, read_if_there
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.store import fetch
from ttsopt.checkout.upstream.repository import EXECUTABLE, LINK, SUBMODULE, Entry, Repository
from ttsopt.domain.journal import Journal
from ttsopt.operations.locate import Target
from ttsopt.operations.patch_list import WantedPatch
from ttsopt.operations.reapply import Reapplied, put_in
from ttsopt.operations.updating.checks import Ways


@contextmanager
def laid_out(
    checkout: Checkout, repository: Repository, journal: Journal, ways: Ways
) -> Iterator[Path]:
    """A folder with the files of the new commit as they are stored, while it is needed.

    What both commits have is taken from the checkout. Of files that are larger than any source there is the name
    alone. Files that patches edit and git does not know are there too, without the patches.

    Raises:
        RefusedError: A path of the commit leads out of it.
        CannotRunError: A file cannot be read or written, or git fails.
    """
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="ttsopt-update-") as name:
        top = Path(name).resolve()
        (top / ".git").mkdir()  # a top of its own, whatever lies above it
        originals = {row.path: row.original_sha256 for row in journal.files}
        here = Checkout(top, top)
        for path, entry in ways.new.items():
            if entry.mode != SUBMODULE:
                here.locate(path)  # a tree that was made to harm may lead out of it
                _lay(top, path, entry, _content(checkout, repository, originals, ways, path))
        for path, original in originals.items():
            data = fetch(checkout, original)
            if path not in ways.old and path not in ways.new and data is not None:
                create_file(top / path, data, 0o644, durable=False)
        yield top


def preview(
    top: Path,
    catalogs: Sequence[Path],
    wanted: tuple[WantedPatch, ...],
    patch_files: Sequence[Path],
    *,
    strict: bool,
) -> Reapplied:
    """Return what reapplying those patches there would come to.

    Raises:
        TtsoptError: As `reapply`.
    """
    target = Target(top, catalogs=tuple(catalogs))
    return put_in(
        target, "remembered", wanted, patch_files=patch_files, strict=strict, dry_run=True
    )


def _lay(top: Path, path: str, entry: Entry, data: bytes) -> None:
    if entry.mode != LINK:
        mode = 0o755 if entry.mode == EXECUTABLE else 0o644
        create_file(top / path, data, mode, durable=False)
        return
    place = top / path
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.symlink_to(os.fsdecode(data))
    except (
        OSError,
        ValueError,
    ):  # not allowed here, or nothing that could be a path: then it is a file, as git has it
        create_file(place, data, 0o644, durable=False)


def _content(
    checkout: Checkout, repository: Repository, originals: dict[str, str], ways: Ways, path: str
) -> bytes:
    entry = ways.new[path]
    if entry.size > LARGEST_SOURCE:
        return b""
    if ways.old.get(path) == entry and entry.mode != LINK:
        if path in originals:
            return fetch(checkout, originals[path]) or b""
        there = read_if_there(checkout.locate(path))
        if there is not None:  # else it is not checked out (sparse)
            return there
    return repository.blob(entry.id)
