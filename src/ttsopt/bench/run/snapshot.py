"""Snapshots: copies of a system's tree in which a benchmark may run without touching the checkout."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from ttsopt.bench.run.tree import Entry, Kind, walk
from ttsopt.boundary.reading import open_regular
from ttsopt.errors import CannotRunError


def lay_out_snapshot(
    root: Path, destination: Path, copy: tuple[str, ...], replaced: Mapping[str, bytes | None]
) -> None:
    """Lay out what `copy` names of `root` (empty: all of it) in the new folder `destination`.

    Folders are real and files copied with their mode, because upstream code writes into its own
    tree and resolves links out of it; data above 4 MiB is linked. `replaced` holds the bytes of
    files, by path from the root, None for one that is not to be there; both sides of a benchmark
    get the same paths, so that these files are real in both. CannotRunError where a file cannot be
    read or written, or `copy` names nothing that exists.
    """
    try:
        _lay_out(root, destination, copy, replaced)
    except OSError as error:
        raise CannotRunError(
            "cannot-copy",
            f"no snapshot of {root} could be laid out in {destination}: {error}",
            "make room or make the file readable, then run the same command again",
        ) from error


def lay_links(folder: Path, links: Mapping[str, Path]) -> None:
    """Lay out the user's files in the new `folder`, by their paths in it: as links in real folders, not copied.

    Raises:
        CannotRunError: There is no room, or no right to.
    """
    try:
        for path, source in links.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(source.resolve(), target)
    except OSError as error:
        raise CannotRunError(
            "cannot-copy", f"no links to the weights in {folder}: {error}", "make room there"
        ) from error


def fingerprint_tree(root: Path, copy: tuple[str, ...]) -> str:
    """SHA-256, in hex, over all that a snapshot takes of `root`.

    Content and mode of what is copied; size, mode and modification time of what is linked; targets
    of links. Equal before and after a benchmark: the checkout was not touched. CannotRunError where
    a file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for entry in walk(root, copy):
            digest.update(f"{entry.kind.value}\0{entry.path}\0{_state(entry)}\n".encode())
    except OSError as error:
        raise CannotRunError(
            "cannot-read", f"{root} could not be read: {error}", "make it readable and run again"
        ) from error
    return digest.hexdigest()


def _lay_out(
    root: Path, destination: Path, copy: tuple[str, ...], replaced: Mapping[str, bytes | None]
) -> None:
    destination.mkdir(parents=True)
    inner = destination.resolve()
    through = _links_that_lead_out(root, replaced)
    entries = list(walk(root, copy, through, leave_out=inner))
    if not entries:
        raise CannotRunError(
            "empty-snapshot",
            f"{root} holds nothing of {', '.join(copy) or 'its own'} to run",
            "name the folder that holds the TTS code: --root SUBDIR",
        )
    for entry in entries:
        _place(entry, destination)
    for entry in entries:
        if entry.kind is Kind.LINKED_FOLDER:
            _link_folder(entry, root, destination)
    for path, content in replaced.items():
        _write(inner, path, content)


def _links_that_lead_out(root: Path, paths: Iterable[str]) -> frozenset[str]:
    """Folders on the way to `paths` that are links out of `root`: copied, not written through."""
    parents = {parent for path in paths for parent in PurePosixPath(path).parents}
    links = {row for row in parents if (root / row).is_symlink()}
    return frozenset(
        str(row) for row in links if not (root / row).resolve().is_relative_to(root.resolve())
    )


def _place(entry: Entry, destination: Path) -> None:
    target = destination / entry.path
    target.parent.mkdir(parents=True, exist_ok=True)
    if entry.kind is Kind.FOLDER:
        target.mkdir(exist_ok=True)
    elif entry.kind is Kind.COPIED:
        shutil.copy2(entry.source, target)
    elif entry.kind is Kind.LINKED_FILE:
        _link_or_copy(entry.source.resolve(), target)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source)
    except OSError:  # Windows allows links to administrators and in developer mode only
        shutil.copy2(source, target)


def _link_folder(entry: Entry, root: Path, destination: Path) -> None:
    """A link inside the tree leads to the snapshot's own folder, one out of it where it led before."""
    target = entry.source.resolve()
    if target.is_relative_to(root.resolve()):
        counterpart = destination.resolve() / target.relative_to(root.resolve())
        target = counterpart if counterpart.exists() else target
    (destination / entry.path).symlink_to(target, target_is_directory=True)


def _write(snapshot: Path, path: str, content: bytes | None) -> None:
    target = snapshot / path
    if not target.parent.resolve().is_relative_to(snapshot):
        raise CannotRunError(
            "outside-snapshot",
            f"{path} leads out of the snapshot at {target.parent.resolve()}",
            "put the folder itself in the place of the link, then run the same command again",
        )
    if content is None:
        target.unlink(missing_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        target.chmod(target.stat().st_mode | 0o200)
    target.write_bytes(content)


def _state(entry: Entry) -> str:
    if entry.kind is Kind.LINKED_FOLDER:
        return str(entry.source.readlink())
    state = entry.source.stat()
    if entry.kind is Kind.FOLDER:
        return oct(state.st_mode)
    if entry.kind is Kind.LINKED_FILE:
        return f"{oct(state.st_mode)} {state.st_size} {state.st_mtime_ns}"
    with open_regular(entry.source) as file:
        return f"{oct(state.st_mode)} {hashlib.file_digest(file, 'sha256').hexdigest()}"
