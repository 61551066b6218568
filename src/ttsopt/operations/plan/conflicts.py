"""Patches that want different things of one file: which they are, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ttsopt.domain.journal import OWN, JournalPatch
from ttsopt.editing.compose import ConflictError
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.composition import check_modes

Compose = Callable[[str, bytes | None, Sequence[JournalPatch]], bytes | None]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A file (by its path from the top), a line of its original (1-based, 0 where unknown), and what is wrong."""

    path: str
    line: int
    reason: str
    hint: str


def find_conflict(
    candidate: JournalPatch, others: Sequence[JournalPatch], baseline: Baseline, compose: Compose
) -> Conflict | None:
    """The first file of a patch that it cannot share with the others."""
    for path in candidate.splices:
        original = baseline.original(path)
        try:
            compose(path, original, [*others, candidate])
            check_modes(path, [*others, candidate])
        except ConflictError as error:
            owners = _owners(candidate, others, path, original, compose)
            line = (original or b"")[: error.offset].count(b"\n") + 1 if error.offset >= 0 else 0
            names = ", ".join(row.id for row in owners) or "itself"
            reason = f"it conflicts with {names}: {error}"
            return Conflict(path, line, reason, _hint(candidate, owners))
    return None


def _owners(
    candidate: JournalPatch,
    others: Sequence[JournalPatch],
    path: str,
    original: bytes | None,
    compose: Compose,
) -> list[JournalPatch]:
    """Those that it cannot go together with alone; all of them where it takes several."""
    sharing = [row for row in others if path in row.splices]
    return [row for row in sharing if _clash(path, original, [row, candidate], compose)] or sharing


def _clash(path: str, original: bytes | None, rows: list[JournalPatch], compose: Compose) -> bool:
    try:
        compose(path, original, rows)
    except ConflictError:
        return True
    return False


def _hint(candidate: JournalPatch, owners: Sequence[JournalPatch]) -> str:
    if not owners:
        return "The patch contradicts itself: report it to who wrote it."
    if candidate.id.startswith(OWN):
        return (
            "Roll back, make the diff in the checkout as it is without patches, and apply it "
            f"without {owners[0].id}."
        )
    return f"Take one of the two: -p {candidate.id}, after `ttsopt rollback -p {owners[0].id}`."
