"""Moves a git work tree from one commit to a later one and back, without a reset and without filters or hooks."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePosixPath

from ttsopt.checkout.fs.files import remove_file
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.upstream.repository import Entry, Repository, Tree
from ttsopt.checkout.upstream.work_tree import is_begun, is_blob
from ttsopt.errors import CannotRunError, RefusedError

FETCH_SECONDS = 1800.0
WRITE_SECONDS = 600.0
_OFF = {"clean": "", "smudge": "", "process": "", "required": "false"}
_NO_UPKEEP = ("-c", "gc.auto=0", "-c", "maintenance.auto=false")


def fetch_from(repository: Repository, remote: str, *refs: str) -> None:
    """Fetch from a remote, as the user would: with their credentials, and without a question.

    Raises:
        RefusedError: The repository's own configuration names programs that git would start.
        CannotRunError: It fails.
    """
    if repository.programs:
        message = (
            f"{repository.top} is not fetched: its own configuration has git start programs "
            f"({', '.join(repository.programs)})"
        )
        hint = "Look at them; `git fetch` yourself, then run the command again with `--no-fetch`."
        raise RefusedError("foreign-programs", message, hint)
    command = ("fetch", "--quiet", "--no-recurse-submodules", "--", remote, *refs)
    status, _, said = repository.attempt(*_NO_UPKEEP, *command, network=True, seconds=FETCH_SECONDS)
    if status:
        message = f"git cannot fetch from {remote}: {said or f'status {status}'}"
        hint = "It was run without a question: store the credentials, or fetch yourself and use `--no-fetch`."
        raise CannotRunError("fetch-failed", message, hint)


def go_forward(repository: Repository, commit: str) -> str:
    """Fast-forward the branch to a commit; gives what git says where it refuses, else nothing.

    Raises:
        CannotRunError: Git was cut off, or there is none.
    """
    options = ("--ff-only", "--quiet", "--no-stat", "--no-autostash", "--no-overwrite-ignore")
    status, _, said = _write(repository, "merge", *options, commit)
    return said or f"status {status}" if status else ""


def set_branch(repository: Repository, branch: str, new: str, old: str, why: str) -> None:
    """Have a branch stand at another commit, if it stands where it is thought to.

    Raises:
        CannotRunError: It does not, or git fails.
    """
    repository.read("update-ref", "-m", f"ttsopt update: {why}", branch, new, old)


def go_back(repository: Repository, new: str, old: str) -> str:
    """Make work tree and index the older commit's: `git read-tree` of two trees, which keeps every edit.

    Gives what git says where it refuses because an edit would be lost, else nothing.

    Raises:
        CannotRunError: As `go_forward`.
    """
    _write(
        repository, "update-index", "-q", "--refresh"
    )  # it fails where there are edits: those are judged next
    status, _, said = _write(repository, "read-tree", "-m", "-u", new, old)
    return said or f"status {status}" if status else ""


def mend(
    checkout: Checkout, repository: Repository, side: Tree, other: Tree, changed: Iterable[str]
) -> tuple[str, ...]:
    """End what a killed git left half done: files of the `other` commit, or begun, are as in `side` again.

    The index has to be `side`'s. Files with anybody's edits stay. Gives those that were written.

    Raises:
        CannotRunError: A file cannot be read or written.
    """
    half_done = [
        path
        for path in changed
        if not is_blob(checkout.top, path, side.get(path))
        and _is_of(repository, path, side.get(path), other.get(path))
    ]
    back = [path for path in half_done if path in side]
    for path in half_done:
        if path not in side:
            # With the folders that git made for it, as git itself does.
            remove_file(checkout.locate(path), len(PurePosixPath(path).parts) - 1)
    if back:
        status, _, said = _write(repository, "checkout-index", "-f", "--", *back)
        if status:
            raise CannotRunError("git-failed", f"git checkout-index fails: {said}", "Run it again.")
    return tuple(half_done)


def _is_of(repository: Repository, path: str, side: Entry | None, other: Entry | None) -> bool:
    if is_blob(repository.top, path, other):
        return True
    written = (entry for entry in (side, other) if entry is not None)
    return any(is_begun(repository.top, path, repository.blob(entry.id)) for entry in written)


def _write(repository: Repository, *arguments: str) -> tuple[int, bytes, str]:
    """Run a command that writes files, with every filter that is configured switched off."""
    return repository.attempt(
        *_NO_UPKEEP,
        *arguments,
        environment=_without_filters(repository),
        network=True,
        seconds=WRITE_SECONDS,
    )


def _without_filters(repository: Repository) -> dict[str, str]:
    """Settings that switch every configured filter off. `-c` cannot name one with an equals sign in its name."""
    named = repository.attempt("config", "--name-only", "-z", "--get-regexp", r"^filter\.")[1]
    rows = (row.rpartition(".")[0] for row in os.fsdecode(named).split("\0"))
    settings = [
        (f"{driver}.{key}", value)
        for driver in sorted(set(rows) - {""})
        for key, value in _OFF.items()
    ]
    pairs = {
        f"GIT_CONFIG_{part}_{number}": text
        for number, setting in enumerate(settings)
        for part, text in zip(("KEY", "VALUE"), setting, strict=True)
    }
    return {"GIT_CONFIG_COUNT": str(len(settings)), **pairs}
