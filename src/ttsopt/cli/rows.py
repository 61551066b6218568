"""Plans and findings as the JSON of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ttsopt.domain.plan import EditAnswer, Plan, PlannedFile, PlannedPatch, SeenElsewhere, Status

if TYPE_CHECKING:
    from ttsopt.checkout.state.location import Checkout
    from ttsopt.domain.journal import JournalPatch
    from ttsopt.domain.system import FoundSystem
    from ttsopt.operations.locate import Runs


def system_row(found: FoundSystem, run: Sequence[Runs] = ()) -> dict[str, Any]:
    """A row of `discover`, with what users run of it."""
    points = [{"file": one.file, "runs": list(one.files)} for one in run]
    return {
        "system": found.system.id,
        "name": found.system.name,
        "root": found.root,
        "layout": found.layout.name,
        "version": found.version.label,
        "version_source": found.version.source,
        "commit": found.version.commit,
        "evidence": list(found.evidence),
        "backup": found.backup,
        "entry_points": points,
    }


def plan_rows(plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """The five lists of `plan` and `apply`."""
    return {status.value: [patch_row(row) for row in plan.having(status)] for status in Status}


def patch_row(row: PlannedPatch) -> dict[str, Any]:
    """A patch of a plan; where it takes no part, why, and where."""
    table: dict[str, Any] = {
        "patch": row.patch.id,
        "version": row.patch.version,
        "root": row.root,
        "effect": row.patch.effect.value,
        "parameters": dict(row.parameters),
        "files": [file_row(file) for file in row.files if file.before_sha256 or file.after_sha256],
        "notes": list(row.notes),
        "evidence": evidence_of(row),
    }
    if row.status is not Status.APPLIED:
        table |= {"why": row.why, "message": row.reason}
    if row.status is Status.ABSENT:
        table |= {"seen_elsewhere": [seen_row(seen) for seen in row.seen_elsewhere]}
    if row.status is Status.REFUSED:
        table |= {"file": row.file, "line": row.line, "hint": row.hint}
        table |= explanation_row(row.answer) if row.answer else {}
    return table


def evidence_of(row: PlannedPatch) -> dict[str, Any] | None:
    """Return the evidence for a patch of a plan; null where none was asked for: its words are not loaded then."""
    if row.evidence is None:
        return None
    from ttsopt.cli.evidence_words import evidence_row

    return evidence_row(row.patch, row.evidence)


def seen_row(seen: SeenElsewhere) -> dict[str, Any]:
    """A place where the construct of an absent patch is."""
    return {
        "file": seen.file,
        "line": seen.line,
        "text": seen.text,
        "difference": seen.difference,
        "hint": seen.hint,
    }


def explanation_row(answer: EditAnswer) -> dict[str, Any]:
    """Return what a refused edit looked for, and the nearest that is there."""
    return {
        "looked_for": answer.looked_for,
        "nearest": answer.nearest,
        "difference": answer.difference,
    }


def file_row(file: PlannedFile) -> dict[str, Any]:
    """A file of a patch, with what every edit answered."""
    return {
        "path": file.path,
        "before_sha256": file.before_sha256,
        "after_sha256": file.after_sha256,
        "change": "unchanged" if file.is_unchanged else file.fate.value,
        "edits": [edit_row(answer) for answer in file.answers],
    }


def edit_row(answer: EditAnswer) -> dict[str, Any]:
    """An edit's answer."""
    table: dict[str, Any] = {
        "status": answer.status.value,
        "edit": answer.what,
        "line": answer.line,
    }
    why = {"why": answer.reason} if answer.reason else {}
    return table | why | (explanation_row(answer) if answer.nearest else {})


def applied_rows(patches: Sequence[JournalPatch], checkout: Checkout) -> list[dict[str, Any]]:
    """Patches of a journal; paths are relative to the folder that was asked about."""
    here = checkout.from_directory
    return [
        {
            "patch": row.id,
            "version": row.version,
            "root": here(row.root),
            "parameters": dict(row.parameters),
            "applied_at": row.applied_at,
            "files": sorted(here(path) for path in row.splices),
        }
        for row in patches
    ]
