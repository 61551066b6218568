"""Rollback: everything, by the stored bytes, or single patches, by composing the others anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.checkout.drift import FileState, file_state
from ttsopt.checkout.location import Checkout, open_checkout
from ttsopt.checkout.transaction import commit, recover
from ttsopt.domain.journal import Journal, JournalFile, JournalPatch
from ttsopt.domain.plan import FileChange
from ttsopt.editing.compose import compose
from ttsopt.errors import RefusedError, UsageError
from ttsopt.operations.baseline import Baseline
from ttsopt.operations.planning import settled_journal


@dataclass(frozen=True, slots=True)
class RolledBack:
    """Patches taken out, those that stay, files written, and files found to be the original already."""

    checkout: Checkout
    patches: tuple[JournalPatch, ...]
    remaining: tuple[JournalPatch, ...]
    changes: tuple[FileChange, ...]
    gone: tuple[str, ...]
    recovered: tuple[str, ...]


def rollback(
    directory: Path, patch_ids: Sequence[str] = (), *, dry_run: bool = False
) -> RolledBack:
    """Take out all patches, or those named, at every root.

    Raises:
        UsageError: A patch that is not applied.
        RefusedError: A file was edited since; nothing was changed.
    """
    checkout = open_checkout(directory)
    recovered = () if dry_run else recover(checkout)
    journal = settled_journal(checkout)
    leaving = _leaving(journal, patch_ids)
    remaining = tuple(row for row in journal.patches if row not in leaving)
    touched = sorted({path for row in leaving for path in row.splices})
    states = {path: file_state(checkout, _record(journal, path)) for path in touched}
    _refuse_edited(checkout, states, remaining)
    gone = tuple(path for path in touched if states[path] is FileState.DRIFTED)
    baseline = Baseline(checkout, journal)
    changes = tuple(_change(baseline, path, remaining) for path in touched if path not in gone)
    if leaving and not dry_run:
        commit(checkout, changes, _journal_after(baseline, journal, remaining, changes))
    return RolledBack(checkout, leaving, remaining, changes, gone, recovered)


def _leaving(journal: Journal, patch_ids: Sequence[str]) -> tuple[JournalPatch, ...]:
    applied = {row.id for row in journal.patches}
    for patch_id in patch_ids:
        if patch_id not in applied:
            hint = f"Applied here: {', '.join(sorted(applied)) or 'nothing'}."
            raise UsageError("not-applied", f"{patch_id} is not applied", hint)
    return tuple(row for row in journal.patches if not patch_ids or row.id in patch_ids)


def _refuse_edited(
    checkout: Checkout, states: dict[str, FileState], remaining: Collection[JournalPatch]
) -> None:
    """Nothing of the user's is overwritten; a file that others still patch must be as they left it."""
    shared = {path for row in remaining for path in row.splices}
    bad = [path for path, state in states.items() if state in {FileState.EDITED, FileState.MISSING}]
    bad += [path for path, state in states.items() if state is FileState.DRIFTED and path in shared]
    if bad:
        listed = "\n".join(f"  {path}: {states[path].value}" for path in bad)
        hint = f"Undo your edits or save them elsewhere; the originals are in {checkout.state / 'originals'}."
        raise RefusedError(
            "edited-since",
            f"nothing was changed; files are not as ttsopt left them:\n{listed}",
            hint,
        )


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
    original = baseline.original(path)
    splices = [splice for row in remaining for splice in row.splices.get(path, ())]
    after = compose(original, splices)
    return FileChange(
        baseline.checkout.from_directory(path), original, baseline.current(path), after
    )


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
