"""Status of a patch from the answers of its edits: all or nothing, and never without what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ttsopt.domain.patch import Edit, FileTarget
from ttsopt.domain.plan import EditAnswer, PlannedFile, PlannedPatch, Status

NOTHING = "nothing like it is there"


def weigh(
    target: FileTarget, edits: Sequence[Edit], answers: Sequence[EditAnswer]
) -> tuple[EditAnswer, ...]:
    """Answers of one file, of which those that may be missing are left out of the count.

    That is an optional edit without its place, and all edits of an optional file that has nothing of the patch: no
    place of an essential edit, or, in a file without essential edits, no place at all.
    """
    marked = [
        replace(answer, essential=edit.essential)
        for edit, answer in zip(edits, answers, strict=True)
    ]
    if target.optional and not _is_there(marked):
        return tuple(replace(answer, status=Status.SKIPPED) for answer in marked)
    return tuple(
        replace(answer, status=Status.SKIPPED)
        if edit.optional and answer.status is Status.ABSENT
        else answer
        for edit, answer in zip(edits, marked, strict=True)
    )


def judge(row: PlannedPatch) -> PlannedPatch:
    """Return a patch with the status that the answers of its edits amount to."""
    answers = [(file, answer) for file in row.files for answer in file.answers]
    essential = [answer for _, answer in answers if answer.essential]
    if essential and not _is_there(essential):
        return _absent(row)
    refused = [(file, answer) for file, answer in answers if answer.status is Status.REFUSED]
    if refused:
        return _refused(row, *refused[0])
    wanted = [
        (file, answer)
        for file, answer in answers
        if answer.counts and answer.status is not Status.SKIPPED
    ]
    lacking = [(file, answer) for file, answer in wanted if answer.status is Status.ABSENT]
    if lacking and len(lacking) < len(wanted):
        return _refused(row, *lacking[0])
    if lacking or not wanted:
        return _absent(row)
    if any(answer.status is Status.APPLIED for _, answer in wanted):
        return row
    return replace(row, status=Status.ALREADY, why="upstream", reason="the tree has it")


def _is_there(answers: Sequence[EditAnswer]) -> bool:
    """True if one of the essential answers, or of all where none is essential, found its place."""
    watched = [answer for answer in answers if answer.essential] or answers
    found = {Status.APPLIED, Status.ALREADY, Status.REFUSED}
    return any(answer.status in found and answer.counts for answer in watched)


def _absent(row: PlannedPatch) -> PlannedPatch:
    return replace(
        row, status=Status.ABSENT, why="absent", reason="this version has no such construct"
    )


def _refused(row: PlannedPatch, file: PlannedFile, answer: EditAnswer) -> PlannedPatch:
    there = "it is not there as the patch looks for it" if answer.nearest else NOTHING
    why = answer.reason or f"{there}, though the rest of the patch fits"
    return replace(
        row,
        status=Status.REFUSED,
        why="mismatch",
        reason=f"cannot {answer.what}: {why}",
        hint=f"`ttsopt show {row.patch.id}` has all that it looks for; the other patches do without it.",
        file=file.path,
        line=answer.line,
        answer=answer,
    )
