"""The two sides of a comparison: the bytes of every file, and the edits that make the difference."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from ttsopt.bench.gates.quality import together
from ttsopt.bench.spec import WatchedEdit, WatchedFile
from ttsopt.checkout.fs.files import sha256
from ttsopt.domain.effect import Effect, Tolerance
from ttsopt.domain.journal import OWN, JournalPatch
from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import Splice, Status
from ttsopt.domain.system import FoundSystem
from ttsopt.editing.evidence import evidence
from ttsopt.errors import RefusedError, UsageError
from ttsopt.operations.plan.composition import compose_file, splices_of
from ttsopt.operations.plan.selection import Selection
from ttsopt.operations.planning import Planned


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states of one system's tree. Paths are relative to its root; None stands for a file that is not there.

    `patches` are those whose effect is measured; none where the tree is measured against itself, or `against`
    something else. They promise equal bits (`exact`), something `close`, or nothing; `unclaimed`: one of them is
    the user's own, and nobody said what it does. `untraced` are files that they change, by patch, of which no line
    can be seen to run: no Python, or outside of the system. `rows` are the same patches with their versions and
    parameters.
    """

    found: FoundSystem
    root: Path
    patches: tuple[str, ...]
    exact: bool
    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes | None]
    watched_before: tuple[WatchedFile, ...]
    watched_after: tuple[WatchedFile, ...]
    untraced: tuple[tuple[str, str], ...] = ()
    close: Tolerance | None = None
    against: str = ""
    rows: tuple[JournalPatch, ...] = ()
    unclaimed: bool = False


def compare_states(planned: Planned, choice: Selection, *, same: bool) -> Comparison:
    """With patches applied, the originals against the tree; with none, the tree against the plan.

    Where the user named patches, their effect alone is measured, on top of the others. `same`: the tree
    against itself.

    Raises:
        UsageError: `--set` asks for something that would not be measured.
        RefusedError: There is nothing to compare.
    """
    present, measured = under_test(planned, choice, same=same)
    return compare_sets(planned, present, measured, choice.claimed)


def compare_sets(
    planned: Planned,
    present: Sequence[JournalPatch],
    measured: Sequence[JournalPatch],
    claimed: Effect | None = None,
) -> Comparison:
    """The patches `present` on the after side; the before side lacks those `measured`.

    `claimed` is the effect of the user's own patch files, None if nobody said.

    Raises:
        RefusedError: A patched file was edited since.
    """
    (found,) = planned.located.systems
    root = (planned.located.checkout.directory / found.root).resolve()
    paths = sorted({path for row in present for path in row.splices})
    files = [_File(planned, root, path, present, measured) for path in paths]
    untraced = [(owner, file.name) for file in files for owner in file.untraced()]
    files = [file for file in files if file.is_inside]
    known = {patch.id: patch for patch in planned.located.catalogue.patches}
    promised = [_promised(row, known, claimed) for row in measured]
    return Comparison(
        found,
        root,
        tuple(row.id for row in measured),
        all(effect is Effect.EXACT for effect, _ in promised),
        {file.name: file.before for file in files},
        {file.name: file.after for file in files},
        tuple(file.watched_before(found) for file in files if file.is_code(file.before)),
        tuple(file.watched_after(found) for file in files if file.is_code(file.after)),
        tuple(untraced),
        _tolerance(promised),
        rows=tuple(measured),
        unclaimed=claimed is None and any(row.id.startswith(OWN) for row in measured),
    )


Promised = tuple[Effect, Tolerance]


def _promised(row: JournalPatch, known: Mapping[str, Patch], claimed: Effect | None) -> Promised:
    """Return what a patch promises of the output; one that nobody knows any more, or speaks for, nothing."""
    if row.id.startswith(OWN):
        return claimed or Effect.LOSSY, Tolerance()
    patch = known.get(row.id)
    return (patch.effect, patch.tolerance or Tolerance()) if patch else (Effect.LOSSY, Tolerance())


def _tolerance(promised: Sequence[Promised]) -> Tolerance | None:
    """Return what all may do together, where each promises something."""
    if any(effect is Effect.LOSSY for effect, _ in promised):
        return None
    return together(tolerance for effect, tolerance in promised if effect is Effect.CLOSE)


def under_test(
    planned: Planned, choice: Selection, *, same: bool = False
) -> tuple[list[JournalPatch], list[JournalPatch]]:
    """The patches on the after side, and those among them that the before side lacks.

    Raises:
        UsageError, RefusedError: As `compare_states`.
    """
    (found,) = planned.located.systems
    present, measured = _under_test(planned, found, choice, same=same)
    if not (measured or same):
        raise _nothing_to_compare(planned)
    return present, measured


def _under_test(
    planned: Planned, found: FoundSystem, choice: Selection, *, same: bool
) -> tuple[list[JournalPatch], list[JournalPatch]]:
    there = (row for row in planned.before.patches if row.splices)
    applied = [row for row in there if _is_at(planned, row, found)]
    if same:
        return applied, []
    if choice.is_named or not applied:
        present = [row for row in planned.journal.patches if _is_at(planned, row, found)]
        return present, _planned_rows(planned, present)
    if choice.settings:
        hint = "Name the patch with -p: its new value is then measured against the tree without it."
        raise UsageError(
            "not-measured", "what is applied is measured, and --set is not applied", hint
        )
    return applied, applied


class _File:
    """One file on both sides."""

    def __init__(
        self,
        planned: Planned,
        root: Path,
        path: str,
        present: Sequence[JournalPatch],
        measured: Sequence[JournalPatch],
    ) -> None:
        original = planned.baseline.original(path)
        if measured:
            _refuse_edited(planned, path)
        kept = [row for row in present if row not in measured]
        self.name = PurePath(os.path.relpath(planned.located.checkout.top / path, root)).as_posix()
        self._original = original or b""
        self._measured = [row.id for row in measured if path in row.splices]
        self._all = splices_of(path, present)
        self._kept = splices_of(path, kept)
        self._owners = {splice: row.id for row in measured for splice in row.splices.get(path, ())}
        now = planned.baseline.current(path)
        self.before = compose_file(path, original, kept) if measured else now
        self.after = compose_file(path, original, present) if measured else now

    @property
    def is_inside(self) -> bool:
        """True if it is a file of the system's own tree."""
        return not self.name.startswith("../")

    def untraced(self) -> list[str]:
        """The patches measured that change it, where nobody can see whether that took effect."""
        traced = self.is_inside and self.name.endswith(".py")
        return [] if traced else sorted(set(self._measured))

    def is_code(self, state: bytes | None) -> bool:
        """True if a side has the file, and what runs of it can be watched."""
        return state is not None and self.name.endswith(".py")

    def watched_before(self, found: FoundSystem) -> WatchedFile:
        return self._watched(found, self.before, ())

    def watched_after(self, found: FoundSystem) -> WatchedFile:
        rows = [row for row in evidence(self._original, self._all) if self._differs(row.splice)]
        edits = [
            WatchedEdit(
                str(number), self._owners[row.splice], row.first, row.last, not row.at_import
            )
            for number, row in enumerate(rows)
        ]
        return self._watched(found, self.after, tuple(edits))

    def _differs(self, splice: Splice) -> bool:
        """True if the two sides differ by this splice: not by an import that another patch has too."""
        return splice in self._owners and splice not in self._kept

    def _watched(
        self, found: FoundSystem, data: bytes | None, edits: tuple[WatchedEdit, ...]
    ) -> WatchedFile:
        return WatchedFile(self.name, found.layout.module(self.name), sha256(data), edits)


def _refuse_edited(planned: Planned, path: str) -> None:
    try:
        planned.baseline.refuse_edited(path)
    except RefusedError as error:
        name = planned.located.checkout.from_directory(path)
        raise RefusedError(error.code, f"{name}: {error.message}", error.hint) from error


def _is_at(planned: Planned, row: JournalPatch, found: FoundSystem) -> bool:
    """True if a patch is one of that root; the user's own patch files belong where their files lie."""
    root = planned.located.checkout.from_top(found.root)
    below = "" if root == "." else f"{root}/"
    own = row.id.startswith(OWN) and any(path.startswith(below) for path in row.splices)
    return own or row.root == root


def _planned_rows(planned: Planned, present: list[JournalPatch]) -> list[JournalPatch]:
    """Patches that the plan would apply, and those named that are applied already."""
    plan = planned.plan
    ids = {row.patch.id for row in plan.having(Status.APPLIED)}
    ids |= {row.patch.id for row in plan.having(Status.ALREADY) if row.why == "applied"}
    return [row for row in present if row.id in ids]


def _nothing_to_compare(planned: Planned) -> RefusedError:
    rows = planned.plan.patches
    lines = [f"  {row.patch.id}: {row.status.value}: {row.reason}" for row in rows]
    lines = lines or ["  ttsopt has none for this system yet"]
    hint = "Name patches with -p, take --all or more with --effect, or measure the tree against itself: --aa."
    return RefusedError("nothing-to-compare", "no patch to measure:", hint, lines)
