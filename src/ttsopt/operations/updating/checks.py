"""Conditions of an update: nothing uncommitted, and nothing that only filters can write."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.upstream.repository import SUBMODULE, Entry, Repository
from ttsopt.checkout.upstream.work_tree import uncommitted
from ttsopt.domain.journal import Journal
from ttsopt.domain.typed_command import typed
from ttsopt.errors import RefusedError

LFS = b"version https://git-lfs.github.com/spec/"
LARGEST_POINTER = 1024  # https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class Ways:
    """The files of both commits, by path, and the paths that differ."""

    old: Mapping[str, Entry]
    new: Mapping[str, Entry]

    @property
    def changed(self) -> tuple[str, ...]:
        """The paths of files that git would write or delete."""
        return tuple(
            path
            for path in sorted({*self.old, *self.new})
            if self.old.get(path) != self.new.get(path)
        )


def ways_between(repository: Repository, old: str, new: str) -> Ways:
    """Read what two commits hold.

    Raises:
        CannotRunError: Git fails.
    """
    return Ways(repository.tree(old), repository.tree(new))


def check_kinds(repository: Repository, ways: Ways) -> None:
    """Check that git alone, with no filter and no other repository, can make the one commit of the other.

    Raises:
        RefusedError: A submodule moves, or a file that changes goes through a filter (Git LFS is one).
    """
    changed = ways.changed
    modules = [path for path in changed if _has_mode(ways, path, SUBMODULE)]
    if modules:
        raise _by_hand(repository, "submodules", "these submodules move", modules)
    pointers = [path for path in changed if _is_pointer(repository, ways, path)]
    if pointers:
        raise _by_hand(repository, "lfs", "these files are kept by Git LFS", pointers)
    attributes = [path for path in changed if _sets_filter(repository, ways, path)]
    filtered = [f"{path} ({name})" for path, name in repository.filtered(changed)]
    if filtered or attributes:
        raise _by_hand(
            repository, "filters", "these files are about filters", filtered + attributes
        )


def check_clean(checkout: Checkout, repository: Repository, journal: Journal, ways: Ways) -> None:
    """Check that nothing is uncommitted but the patches of the journal, and nothing in the way of a new file.

    Raises:
        RefusedError: Something is; the message names it.
        CannotRunError: A file cannot be read.
    """
    rows = [f"{path}: {why}" for path, why in uncommitted(checkout, repository, journal, ways.old)]
    if rows:
        stash = typed("git", "-C", repository.top, "stash")
        message = f"there are changes in {repository.top} that are not ttsopt's:"
        hint = (
            f"Commit them, or put them away once the patches are out: {recipe(repository, stash)}"
        )
        raise RefusedError("uncommitted", message, hint, _listed(rows))
    ours = {row.path for row in journal.files if not row.original_sha256}
    new = (path for path in ways.changed if path not in ways.old and path not in ours)
    rows = [path for path in new if os.path.lexists(checkout.top / path)]
    if rows:
        message = "the new version has files that are untracked here:"
        hint = "Move them away, and run the command again."
        raise RefusedError("in-the-way", message, hint, _listed(rows))


def recipe(repository: Repository, between: str = "") -> str:
    """The same by hand, as commands."""
    top = repository.top
    pull = typed("git", "-C", top, "pull", "--ff-only")
    first, last = typed("ttsopt", "rollback", top), typed("ttsopt", "reapply", top)
    return " && ".join(filter(None, (first, between, pull, last)))


def _by_hand(repository: Repository, code: str, what: str, rows: Iterable[str]) -> RefusedError:
    message = f"{what}, which this command leaves to git:"
    return RefusedError(code, message, f"By hand: {recipe(repository)}", _listed(rows))


def _listed(rows: Iterable[str]) -> list[str]:
    lines = [f"  {row}" for row in rows]
    more = len(lines) - MOST_LISTED
    return lines[:MOST_LISTED] + [f"  and {more} more"] * (more > 0)


def _has_mode(ways: Ways, path: str, mode: str) -> bool:
    return any(path in tree and tree[path].mode == mode for tree in (ways.old, ways.new))


def _is_pointer(repository: Repository, ways: Ways, path: str) -> bool:
    entries = (tree[path] for tree in (ways.old, ways.new) if path in tree)
    small = (entry for entry in entries if entry.size <= LARGEST_POINTER)
    return any(repository.blob(entry.id).startswith(LFS) for entry in small)


def _sets_filter(repository: Repository, ways: Ways, path: str) -> bool:
    """True if it is a file of attributes, in a version that sets a filter."""
    if path.rpartition("/")[2] != ".gitattributes":
        return False
    return any(b"filter" in data for data in _versions(repository, ways, path))


def _versions(repository: Repository, ways: Ways, path: str) -> Iterable[bytes]:
    for tree in (ways.old, ways.new):
        if path in tree and tree[path].mode != SUBMODULE:
            yield repository.blob(tree[path].id)
