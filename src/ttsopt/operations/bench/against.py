"""Another tree, or a commit, in the place of the tree without patches: a base against a pull request."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ttsopt.bench.run.tree import Kind, walk
from ttsopt.bench.spec import WatchedFile
from ttsopt.checkout.files import read_file, sha256
from ttsopt.domain.effect import Effect, Tolerance
from ttsopt.domain.system import FoundSystem
from ttsopt.errors import RefusedError, UsageError
from ttsopt.operations.bench.against_commit import files_at
from ttsopt.operations.bench.sides import Comparison
from ttsopt.operations.planning import Planned

Files = dict[str, bytes | None]


def compare_with(planned: Planned, against: str, effect: Effect) -> Comparison:
    """The tree as it is, after; `against`, a folder or a commit of its repository, before.

    `effect` is what may become of the output: equal bits, something close, or anything.

    Raises:
        UsageError: It is neither a folder nor a commit.
        RefusedError: The two do not differ in anything that runs.
        CannotRunError: A file cannot be read.
    """
    (found,) = planned.located.systems
    root = (planned.located.checkout.directory / found.root).resolve()
    other = Path(against)
    before = _folder(other, found, root) if other.is_dir() else _commit(against, found, root)
    after: Files = {path: _read(root / path) for path in before}
    if not before:
        message = f"{against} and {root} do not differ in any file that runs"
        raise RefusedError("nothing-to-compare", message, "--aa measures a tree against itself.")
    return Comparison(
        found,
        root,
        (),
        exact=effect is Effect.EXACT,
        before=before,
        after=after,
        watched_before=_watched(found, before),
        watched_after=_watched(found, after),
        close=Tolerance() if effect is Effect.CLOSE else None,
        against=against,
    )


def _watched(found: FoundSystem, files: Mapping[str, bytes | None]) -> tuple[WatchedFile, ...]:
    return tuple(
        WatchedFile(path, found.layout.module(path), sha256(data))
        for path, data in files.items()
        if data is not None and path.endswith(".py")
    )


def _folder(other: Path, found: FoundSystem, root: Path) -> Files:
    """Return what a folder has in the place of files that differ; the system lies as it does here, or is all."""
    below = other / found.root
    there, here = (
        {entry.path for entry in walk(tree, found.layout.copy) if entry.kind is Kind.COPIED}
        for tree in (below if below.is_dir() else other, root)
    )
    base = below if below.is_dir() else other
    files = {path: _read(base / path) for path in sorted(there | here)}
    return {path: data for path, data in files.items() if data != _read(root / path)}


def _commit(name: str, found: FoundSystem, root: Path) -> Files:
    """Return what a commit has in the place of tracked files that differ from it now."""
    files = files_at(root, name, found.layout.copy)
    if files is None:
        message = f"--against {name}: neither a folder nor a commit of the repository around {root}"
        hint = "In CI, fetch the base as well: actions/checkout with fetch-depth: 0."
        raise UsageError("no-baseline", message, hint)
    return files


def _read(path: Path) -> bytes | None:
    return read_file(path) if path.is_file() else None
