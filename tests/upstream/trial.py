"""A patch tried on one version of its files: applied, applied again, rolled back, in a folder of its own.

What the patch requires is applied before, and counts as the version's own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from versions import Version

from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.errors import RefusedError
from ttsopt.operations.apply import Applied, apply
from ttsopt.operations.locate import Target
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import PlanRequest
from ttsopt.operations.rollback import rollback


@dataclass(frozen=True)
class Trial:
    """What ttsopt did: its answer, the tree before and after, and everything that no patch may ever do.

    `before` has what the patch requires, as far as that fits.
    `found` false: it did not take the tree for the system, and says so in `reason`. `faults` are broken promises
    that need no reading of the code: bytes written without saying so, a second run that changes something, a
    rollback that does not give the first bytes back.
    """

    found: bool
    status: str = ""
    reason: str = ""
    before: Mapping[str, bytes] = field(default_factory=dict)
    after: Mapping[str, bytes] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def try_patch(patch: Patch, version: Version, catalogs: tuple[Path, ...] = ()) -> Trial:
    """Go the whole way on a tree of this version's files."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder).resolve()
        lay_out({**version.beside, **version.files}, directory)
        return _try(patch, Target(directory, system=patch.system, catalogs=catalogs))


def lay_out(files: Mapping[str, bytes], directory: Path) -> None:
    """Write files, byte for byte, below a folder."""
    for name, data in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def read_tree(directory: Path) -> dict[str, bytes]:
    """All files below a folder, what ttsopt keeps for itself among them."""
    paths = [path for path in sorted(directory.rglob("*")) if path.is_file()]
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in paths}


def without_state(tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """A tree without ttsopt's own folder."""
    return {path: data for path, data in tree.items() if not path.startswith(".ttsopt/")}


def _try(patch: Patch, target: Target) -> Trial:
    directory = target.directory
    committed = read_tree(directory)
    try:
        if patch.requires.patches:
            _apply(patch.requires.patches, target)
        before = without_state(read_tree(directory))
        done = _apply((patch.id,), target)
    except RefusedError as error:
        if error.code != "no-system":
            raise
        return Trial(found=False, reason=error.message)
    row = _row(done, patch)
    after = without_state(read_tree(directory))
    faults = [*_writes(row, before, after), *_second_run(patch, target, row, after)]
    faults += _way_back(directory, committed)
    return Trial(True, row.status.value, row.reason, before, after, tuple(faults))


def _apply(patches: tuple[str, ...], target: Target) -> Applied:
    return apply(PlanRequest(target, Selection(patches, Effect.LOSSY, forced=patches)))


def _row(done: Applied, patch: Patch) -> PlannedPatch:
    (row,) = [row for row in done.planned.plan.patches if row.patch.id == patch.id]
    return row


def _writes(
    row: PlannedPatch, before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> list[str]:
    applied = row.status is Status.APPLIED
    return [] if applied == (before != after) else [f"says {row.status.value}, but wrote otherwise"]


def _second_run(
    patch: Patch, target: Target, first: PlannedPatch, after: Mapping[str, bytes]
) -> list[str]:
    again = _apply((patch.id,), target)
    expected = Status.ALREADY if first.status is Status.APPLIED else first.status
    same = _row(again, patch).status is expected and not again.planned.plan.changes
    same = same and without_state(read_tree(target.directory)) == after
    return [] if same else [f"a second run says {_row(again, patch).status.value} or changes files"]


def _way_back(directory: Path, before: Mapping[str, bytes]) -> list[str]:
    rollback(directory)
    return [] if read_tree(directory) == before else ["rollback leaves another tree"]
