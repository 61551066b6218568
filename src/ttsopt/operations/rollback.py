"""Rollback: everything, by the stored bytes, or single patches, by composing the others anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ttsopt.checkout.fs.files import remove_empty_folders, sha256
from ttsopt.checkout.state.file_state import bytes_there
from ttsopt.checkout.state.location import Checkout, open_checkout
from ttsopt.checkout.state.replaced import keep_replaced
from ttsopt.checkout.transaction import commit
from ttsopt.domain.journal import Journal, JournalPatch
from ttsopt.domain.plan import FileChange, at_line
from ttsopt.errors import RefusedError, UsageError
from ttsopt.operations.installed import concerns
from ttsopt.operations.patch_list import remember
from ttsopt.operations.plan.removal import InTheWay, Removal, plan_removal
from ttsopt.operations.plan.retired_originals import keep_retired
from ttsopt.operations.recovery import USUAL, Turn, adopted, settled, settled_journal


@dataclass(frozen=True, slots=True)
class RolledBack:
    """Patches taken out, those that stay, and what became of the files.

    `gone` had nothing of the patches any more: of those, `original` are as they were at first, and `missing` are
    not there, though they once were. `merged` keep what somebody changed in them. `unreached` may be patched
    still, and were forgotten by force. `replaced` tells where the bytes are that `--force` wrote over (None in a
    dry run), `retired` where originals are that were not put back. With a `refusal` nothing was written; `kept` is
    the reason.
    """

    checkout: Checkout
    patches: tuple[JournalPatch, ...]
    remaining: tuple[JournalPatch, ...]
    changes: tuple[FileChange, ...] = ()
    gone: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()
    original: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    kept: tuple[InTheWay, ...] = ()
    replaced: tuple[tuple[str, Path | None], ...] = ()
    retired: tuple[tuple[str, Path], ...] = ()
    recovered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refusal: RefusedError | None = None

    @property
    def is_as_before(self) -> bool:
        """True if every file of the patches has the bytes that it had at first."""
        gone = set(self.gone) - set(self.original)
        return not (gone or self.unreached) and all(
            row.after == row.original for row in self.changes
        )


def rollback(
    directory: Path,
    patch_ids: Sequence[str] = (),
    *,
    only: frozenset[str] | None = None,
    force: bool = False,
    dry_run: bool = False,
    turn: Turn = USUAL,
) -> RolledBack:
    """Take out all patches in a folder, or those named; copies beside it stay as they are.

    What somebody changed in a patched file since stays in it. Where that cannot be told apart, nothing is
    changed; with `force`, that file is kept in the user's state folder and replaced.

    Raises:
        UsageError: A patch that is not applied there.
        RefusedError: A damaged journal, an unfinished step that cannot be undone, or a patch that one which
            stays needs.
    """
    checkout = open_checkout(directory)
    if dry_run:
        return _rolled_back(checkout, patch_ids, only, force=force)[0]
    with settled(adopted(checkout, turn), turn) as recovered:
        done, taken = _rolled_back(checkout, patch_ids, only, force=force)
        if done.refusal is None and done.patches:
            done = _write(done, taken, named=bool(patch_ids))
    return replace(done, recovered=recovered)


def _rolled_back(
    checkout: Checkout, patch_ids: Sequence[str], only: frozenset[str] | None, *, force: bool
) -> tuple[RolledBack, Removal]:
    """Return what is to be done, with nothing written yet."""
    journal = settled_journal(checkout)
    leaving = _leaving(checkout, journal, patch_ids, only)
    remaining = tuple(row for row in journal.patches if row not in leaving)
    _check_needed(leaving, remaining)
    taken = plan_removal(checkout, journal, leaving, remaining, force=force)
    refusal = _refusal(checkout, taken.in_the_way) if taken.in_the_way else None
    there = {path: sha256(bytes_there(checkout, path)) for path in taken.gone}
    first = {row.path: row.original_sha256 for row in journal.files}
    original = tuple(path for path, name in there.items() if name == first[path])
    missing = tuple(path for path, name in there.items() if not name and first[path])
    done = RolledBack(
        checkout,
        leaving,
        remaining,
        changes=() if refusal else taken.changes,
        gone=() if refusal else taken.gone,
        unreached=() if refusal else taken.unreached,
        original=() if refusal else original,
        missing=() if refusal else missing,
        merged=() if refusal else taken.merged,
        kept=taken.in_the_way,
        replaced=tuple((path, None) for path in taken.forced),
        refusal=refusal,
    )
    return done, taken


def _write(done: RolledBack, taken: Removal, *, named: bool) -> RolledBack:
    checkout = done.checkout
    places = tuple(
        (path, keep_replaced(checkout, path, data)) for path, data in taken.forced.items()
    )
    recorded = settled_journal(checkout)
    retired = keep_retired(checkout, recorded, taken.journal, taken.changes)
    notes = commit(checkout, taken.changes, taken.journal)
    for path, folders in taken.folders.items():
        remove_empty_folders(checkout.top / path, folders)
    chosen = done.patches if named and done.remaining else ()
    taken_out = {(row.id, row.root) for row in chosen}
    forgotten = remember(checkout, taken.journal, taken_out)
    notes = (*notes, forgotten) if forgotten else notes
    return replace(done, replaced=places, retired=retired, notes=notes)


def _leaving(
    checkout: Checkout, journal: Journal, patch_ids: Sequence[str], only: frozenset[str] | None
) -> tuple[JournalPatch, ...]:
    here = [
        row
        for row in checkout.here(journal.patches)
        if concerns(only, map(checkout.from_directory, row.splices))
    ]
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


def _refusal(checkout: Checkout, kept: Sequence[InTheWay]) -> RefusedError:
    listed = [f"  {_said(checkout, row)}" for row in kept]
    edited = [row for row in kept if row.is_reached]
    what = ["patched files cannot be reached"] if len(edited) < len(kept) else []
    what += ["files were edited where the patches are"] if edited else []
    message = f"nothing was changed; {', and '.join(what)}:"
    code = "edited-since" if edited else "unreachable"
    hint = f"{way_out(kept)}; or `ttsopt rollback --force`{_by_force(kept)}"
    return RefusedError(code, message, hint, listed)


def _by_force(kept: Sequence[InTheWay]) -> str:
    unreached = any(not row.is_reached for row in kept)
    edited = any(row.is_reached for row in kept)
    forgets = ": it forgets the patches in files that cannot be reached, which stay as they are"
    keeps = (
        ": it keeps the files as they are in your state folder, says where, "
        "and puts back what stood in those places"
    )
    return f"{forgets if unreached else ''}{keeps if edited else ''}."


def way_out(kept: Sequence[InTheWay]) -> str:
    """Return what to do about files in the way: their own hints, each once; no whole sentence."""
    hints = dict.fromkeys(row.hint for row in kept if row.hint)
    mine = "Take your edits of those lines back and run the command again"
    own = [mine] if any(not row.hint for row in kept) else []
    return ". ".join([*hints, *own])


def _said(checkout: Checkout, row: InTheWay) -> str:
    stored = checkout.state / "originals" / row.original_sha256
    original = f" (its original: {stored})" if row.original_sha256 else ""
    return f"{at_line(checkout.from_directory(row.path), row.line)}: {row.reason}{original}"
