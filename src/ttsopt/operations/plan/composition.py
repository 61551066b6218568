"""Content of a file once a set of patches is applied: the one place where their records become bytes."""

from __future__ import annotations

from collections.abc import Collection

from ttsopt.domain.journal import JournalPatch
from ttsopt.domain.plan import Splice
from ttsopt.editing.compose import ConflictError, compose, compose_checked


def compose_file(path: str, original: bytes | None, rows: Collection[JournalPatch]) -> bytes | None:
    """The bytes of a file (by its path from the top) with those patches applied; None where it is not there.

    Raises:
        ConflictError: Two of them want different things of it.
    """
    owners = [row for row in rows if path in row.splices]
    if _is_there(path, original, owners):
        return compose(original or b"", splices_of(path, owners))
    return None


def compose_file_checked(
    path: str, original: bytes | None, rows: Collection[JournalPatch], proven: str = ""
) -> bytes | None:
    """As `compose_file`; what parsed before still parses, unless it has the `proven` id.

    Raises:
        ConflictError: As above, or it does not parse.
    """
    owners = [row for row in rows if path in row.splices]
    if _is_there(path, original, owners):
        return compose_checked(path, original or b"", splices_of(path, owners), proven)
    return None


def splices_of(path: str, rows: Collection[JournalPatch]) -> list[Splice]:
    """All splices that patches make in one file."""
    return [splice for row in rows for splice in row.splices.get(path, ())]


def check_modes(path: str, rows: Collection[JournalPatch]) -> None:
    """Check that the patches that lay out a file want the same mode bits, whatever order they come in.

    Raises:
        ConflictError: They do not.
    """
    if len({row.created[path] for row in rows if path in row.created}) > 1:
        raise ConflictError("each lays out a file of that name, with other mode bits")


def mode_of(path: str, rows: Collection[JournalPatch]) -> int:
    """The mode bits that a patch asks for where it lays a file out."""
    return next((row.created[path] for row in rows if path in row.created), 0o644)


def _is_there(path: str, original: bytes | None, owners: Collection[JournalPatch]) -> bool:
    deleting = [row for row in owners if path in row.deleted]
    if deleting and len(deleting) < len(owners):
        raise ConflictError("one takes the file away that another changes")
    creating = {row.splices[path] for row in owners if path in row.created}
    if len(creating) > 1:
        raise ConflictError("each lays out a file of that name, with other content")
    if creating and original is not None:
        raise ConflictError("a file of that name is there already")
    return bool(creating) or (original is not None and not deleting)
