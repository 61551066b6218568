"""Takes patches one by one; what was taken decides what the next may do to a shared file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ttsopt.domain.journal import OWN, Journal, JournalFile, JournalPatch
from ttsopt.domain.plan import Fate, FileChange, PlannedPatch, Status
from ttsopt.editing.compose import ConflictError
from ttsopt.errors import RefusedError
from ttsopt.operations.plan.baseline import EDITED_HINT, Baseline
from ttsopt.operations.plan.candidates import Candidate
from ttsopt.operations.plan.composition import compose_file, compose_file_checked, mode_of
from ttsopt.operations.plan.conflicts import find_conflict
from ttsopt.operations.plan.merging import Unmerged
from ttsopt.operations.plan.relations import Relations, Unfit, unmet_fact
from ttsopt.operations.plan.selection import Place, Selection


class Planner:
    """The patches of a checkout that are applied, and those taken since; nothing is written.

    `together`: patches that are applied and come again make room for each other's new forms first, and that
    the files still parse is looked at once, at the end. Where that does not come out even (`is_even`, a
    ConflictError of `changes`), the way that always does is one patch after the other.
    """

    def __init__(
        self,
        choice: Selection,
        baseline: Baseline,
        journal: Journal,
        relations: Relations,
        *,
        together: bool,
    ) -> None:
        self._choice = choice
        self._baseline = baseline
        self._relations = relations
        self._together = together
        self._before: dict[Place, JournalPatch] = {
            (row.id, row.root): row for row in journal.patches if row.splices
        }
        self._files = journal.files
        self._taken = dict(self._before)
        self._in_tree: set[Place] = set()  # by upstream, or by hand
        self._proven: dict[str, str] = {}  # ids of what files are known to come to (`PlannedFile`)
        self._composed: dict[str, bytes | None] = {}  # once all are taken
        self.is_even = True

    def take_all(self, candidates: Sequence[Candidate]) -> list[PlannedPatch]:
        """Return what becomes of every candidate, in their order: each behind what it requires."""
        self._in_tree = {one.place for one in candidates if one.row.status is Status.ALREADY}
        top = self._baseline.checkout.from_top
        files = (file for one in candidates if one.fits for file in one.row.files)
        self._proven = {top(file.path): file.proven for file in files if file.proven}
        for one in candidates if self._together else ():
            if one.fits:
                self._taken.pop(one.place, None)
        return [self._take(one) if one.fits else one.row for one in candidates]

    def changes(self) -> tuple[FileChange, ...]:
        """Files whose bytes are to change, over all patches taken.

        Raises:
            ConflictError: Two records do not go together, or a file that parsed before would not any more.
        """
        return tuple(
            change for change in map(self._change, self._paths()) if change.current != change.after
        )

    def journal(self, changes: tuple[FileChange, ...]) -> Journal:
        """The journal once those changes are written."""
        taken = (self._taken[place] for place in sorted(self._taken))
        patches = tuple(row for row in taken if row.splices)  # of others, no file is left
        kept = {row.path: row for row in self._files}
        new = {row.path: row for row in map(self._describe, changes)}
        files = {
            path: row
            for path, row in {**kept, **new}.items()
            if any(path in patch.splices for patch in patches)
        }
        return Journal(patches, tuple(files[path] for path in sorted(files)))

    def _take(self, one: Candidate) -> PlannedPatch:
        record = self._record(one)
        if one.known and replace(one.known, applied_at=record.applied_at) == record:
            self._taken[one.place] = one.known
            reason = "applied by ttsopt"
            return replace(one.row, status=Status.ALREADY, why="applied", reason=reason)
        refused = (
            self._unfit(one)
            or self._edited(one, record)
            or self._conflict(one, record)
            or self._unmerged(one, record)
        )
        if refused is None:
            self._taken[one.place] = record
            if not record.splices:
                reason = "the tree has it without the patch, which is taken out"
                return replace(one.row, status=Status.ALREADY, why="upstream", reason=reason)
            return _with_note(one)
        if one.known:
            self._taken[one.place] = one.known
            self.is_even = False
        return refused

    def _unfit(self, one: Candidate) -> PlannedPatch | None:
        """A patch that fits its files, but not what else must hold; refused where the user named it."""
        if one.found is None:
            return None
        patch, (own, root) = one.row.patch, one.place
        standing = {name for name, at in {*self._before, *self._taken} if at == root} - {own}
        present = standing | {name for name, at in self._in_tree if at == root}
        unfit = self._relations.unmet(patch, standing, present)
        if unfit is None and not one.known:
            unfit = unmet_fact(self._baseline, one.found, one.row)
        named = one.known or patch.id in self._choice.patches
        return _with(one.row, Status.REFUSED if named else Status.SKIPPED, unfit) if unfit else None

    def _edited(self, one: Candidate, record: JournalPatch) -> PlannedPatch | None:
        """A file that the patch wants, or wanted in the form applied now, is not as ttsopt left it."""
        for path in {**(one.known.splices if one.known else {}), **record.splices}:
            try:
                self._baseline.refuse_edited(path)
            except RefusedError as error:
                unfit = Unfit(error.code, error.message, error.hint)
                return replace(_with(one.row, Status.REFUSED, unfit), file=self._here(path))
        return None

    def _conflict(self, one: Candidate, record: JournalPatch) -> PlannedPatch | None:
        others = [row for place, row in self._taken.items() if place != one.place]
        compose = compose_file if self._together else compose_file_checked
        found = find_conflict(record, others, self._baseline, compose)
        if found is None:
            return None
        row = _with(one.row, Status.REFUSED, Unfit("conflict", found.reason, found.hint))
        return replace(row, file=self._here(found.path), line=found.line)

    def _unmerged(self, one: Candidate, record: JournalPatch) -> PlannedPatch | None:
        """A config file that upstream wrote anew, in a way that leaves no place for a new value."""
        rows = [row for place, row in self._taken.items() if place != one.place] + [record]
        old = one.known.splices if one.known else {}
        for path in filter(self._baseline.was_changed, {**old, **record.splices}):
            after = compose_file(path, self._baseline.original(path), rows)
            change = self._baseline.change(path, after)
            if isinstance(change, Unmerged):
                unfit = Unfit("changed-since", change.reason, EDITED_HINT)
                row = _with(one.row, Status.REFUSED, unfit)
                return replace(row, file=self._here(path), line=change.line)
        return None

    def _record(self, one: Candidate) -> JournalPatch:
        top, row = self._baseline.checkout.from_top, one.row
        touched = [file for file in row.files if file.splices or file.fate is not Fate.EDITED]
        return JournalPatch(
            row.patch.id,
            row.patch.version,
            one.place[1],
            datetime.now(UTC).isoformat(timespec="seconds"),
            dict(row.parameters),
            {top(file.path): file.splices for file in touched},
            {top(file.path): file.mode for file in touched if file.fate is Fate.CREATED},
            tuple(top(file.path) for file in touched if file.fate is Fate.DELETED),
            row.patch.requires.patches,
        )

    def _change(self, path: str) -> FileChange:
        change = self._baseline.change(path, self._after(path), mode_of(path, self._taken.values()))
        if isinstance(change, Unmerged):
            raise ConflictError(change.reason)
        return change

    def _describe(self, change: FileChange) -> JournalFile:
        path = self._baseline.checkout.from_top(change.path)
        return self._baseline.describe(change, self._after(path))

    def _after(self, path: str) -> bytes | None:
        if path not in self._composed:
            rows = self._taken.values()
            original, proven = self._baseline.original(path), self._proven.get(path, "")
            self._composed[path] = compose_file_checked(path, original, rows, proven)
        return self._composed[path]

    def _paths(self) -> list[str]:
        """Files (from the top) that a patch taken now edits, or edited in its old form; those to put back."""
        changed = [
            place for place, row in self._taken.items() if self._before.get(place) is not row
        ]
        rows = [self._taken[place] for place in changed]
        rows += [self._before[place] for place in changed if place in self._before]
        return sorted({path for row in rows for path in row.splices} | self._baseline.put_back)

    def _here(self, path: str) -> str:
        return self._baseline.checkout.from_directory(path)


def _with(row: PlannedPatch, status: Status, unfit: Unfit) -> PlannedPatch:
    return replace(row, status=status, why=unfit.why, reason=unfit.reason, hint=unfit.hint)


def _with_note(one: Candidate) -> PlannedPatch:
    """A patch file of another content under a known name takes the place of the one before: say so."""
    if not (one.known and one.row.patch.id.startswith(OWN)):
        return one.row
    note = f"It takes the place of what was applied as {one.row.patch.id} before."
    return replace(one.row, notes=(*one.row.notes, note))
