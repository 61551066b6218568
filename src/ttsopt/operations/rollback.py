"""Rollback: everything, by the stored bytes, or single patches, by composing the others anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.checkout.drift import FileState, file_state
from ttsopt.checkout.files import remove_empty_folders
from ttsopt.checkout.location import Checkout, open_checkout
from ttsopt.checkout.transaction import commit, recover
from ttsopt.domain.journal import Journal, JournalFile, JournalPatch
from ttsopt.domain.plan import FileChange
from ttsopt.errors import RefusedError, UsageError
from ttsopt.operations.plan.baseline import Baseline, way_back
from ttsopt.operations.plan.composition import compose_file
from ttsopt.operations.planning import settled_journal


@dataclass(frozen=True, slots=True)
class RolledBack:
    """Patches taken out, those that stay, files written, and files that had nothing of them any more.

    With a `refusal` nothing was written; `kept` are the files, not as ttsopt left them, that are the reason.
    """

    checkout: Checkout
    patches: tuple[JournalPatch, ...]
    remaining: tuple[JournalPatch, ...]
    changes: tuple[FileChange, ...] = ()
    gone: tuple[str, ...] = ()
    kept: tuple[tuple[str, FileState], ...] = ()
    recovered: tuple[str, ...] = ()
    refusal: RefusedError | None = None


def rollback(
    directory: Path, patch_ids: Sequence[str] = (), *, dry_run: bool = False
) -> RolledBack:
    """Take out all patches in a folder, or those named; copies beside it stay as they are.

    Raises:
        UsageError: A patch that is not applied there.
        RefusedError: A damaged journal, an unfinished step that cannot be undone, or a patch that one which
            stays needs.
    """
    checkout = open_checkout(directory)
    recovered = () if dry_run else recover(checkout)
    journal = settled_journal(checkout)
    leaving = _leaving(checkout, journal, patch_ids)
    remaining = tuple(row for row in journal.patches if row not in leaving)
    _check_needed(leaving, remaining)
    touched = sorted({path for row in leaving for path in row.splices})
    states = {path: file_state(checkout, _record(journal, path)) for path in touched}
    kept = _kept(states, remaining)
    if kept:
        refusal = _refusal(checkout, journal, kept)
        return RolledBack(
            checkout, leaving, remaining, kept=kept, recovered=recovered, refusal=refusal
        )
    gone = tuple(path for path in touched if states[path] is not FileState.APPLIED)
    baseline = Baseline(checkout, journal)
    changes = tuple(_change(baseline, path, remaining) for path in touched if path not in gone)
    if leaving and not dry_run:
        commit(checkout, changes, _journal_after(baseline, journal, remaining, changes))
        for path in gone:
            remove_empty_folders(checkout.locate(path), _record(journal, path).folders)
    return RolledBack(checkout, leaving, remaining, changes, gone, recovered=recovered)


def _leaving(
    checkout: Checkout, journal: Journal, patch_ids: Sequence[str]
) -> tuple[JournalPatch, ...]:
    here = _at(checkout, journal)
    applied = {row.id for row in here}
    for patch_id in patch_ids:
        if patch_id not in applied:
            hint = f"Applied here: {', '.join(sorted(applied)) or 'nothing'}."
            raise UsageError("not-applied", f"{patch_id} is not applied", hint)
    return tuple(row for row in here if not patch_ids or row.id in patch_ids)


def _check_needed(leaving: Collection[JournalPatch], remaining: Collection[JournalPatch]) -> None:
    for stays in remaining:
        needed = [row.id for row in leaving if row.root == stays.root and row.id in stays.requires]
        if needed:
            message = f"{stays.id}, which stays, needs {', '.join(needed)}"
            hint = f"Take out both: ttsopt rollback -p {stays.id} -p {needed[0]}"
            raise RefusedError("needed", message, hint)


def _at(checkout: Checkout, journal: Journal) -> list[JournalPatch]:
    """Patches of the roots in the folder that was asked about; with none, of the root that it is a part of."""
    roots = [(row, checkout.top / row.root) for row in journal.patches]
    inside = [row for row, root in roots if root.is_relative_to(checkout.directory)]
    return inside or [row for row, root in roots if checkout.directory.is_relative_to(root)]


def _kept(
    states: Mapping[str, FileState], remaining: Collection[JournalPatch]
) -> tuple[tuple[str, FileState], ...]:
    """Files in the way: nothing of the user's is overwritten, and no other patch's base is missing.

    A file that is the original again, or was deleted, has nothing left to take out.
    """
    shared = {path for row in remaining for path in row.splices}
    return tuple(
        (path, state)
        for path, state in states.items()
        if state is FileState.EDITED or (path in shared and state is not FileState.APPLIED)
    )


def _refusal(
    checkout: Checkout, journal: Journal, kept: Sequence[tuple[str, FileState]]
) -> RefusedError:
    listed = "\n".join(f"  {path}: {state.value}" for path, state in kept)
    message = f"nothing was changed; files are not as ttsopt left them:\n{listed}"
    path, state = kept[0]
    return RefusedError("edited-since", message, way_back(checkout, _record(journal, path), state))


def _record(journal: Journal, path: str) -> JournalFile:
    record = journal.file(path)
    if record is None:
        raise RefusedError(
            "damaged-journal",
            f"the journal has no record of {path}",
            "Restore .ttsopt from a backup.",
        )
    return record


def _change(baseline: Baseline, path: str, remaining: Sequence[JournalPatch]) -> FileChange:
    return baseline.change(path, compose_file(path, baseline.original(path), remaining))


def _journal_after(
    baseline: Baseline,
    journal: Journal,
    remaining: tuple[JournalPatch, ...],
    changes: Sequence[FileChange],
) -> Journal:
    new = {row.path: row for row in (baseline.describe(change) for change in changes)}
    needed = {path for row in remaining for path in row.splices}
    return Journal(
        remaining, tuple(new.get(row.path, row) for row in journal.files if row.path in needed)
    )
