"""Whether a patch fits one root, and the splices that it comes to there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ttsopt.catalog.parameters import active, bind, expression, fill
from ttsopt.checkout.files import sha256
from ttsopt.discovery.definitions import holds, is_file
from ttsopt.domain.patch import FileTarget, Patch, Scalar
from ttsopt.domain.plan import EditAnswer, PlannedFile, PlannedPatch, Status
from ttsopt.domain.system import FoundSystem
from ttsopt.editing.pattern import PatternError
from ttsopt.editing.resolve import describe, holds_definition, resolve
from ttsopt.editing.source import UnparsableError
from ttsopt.errors import RefusedError
from ttsopt.operations.baseline import Baseline


def fit_patch(
    baseline: Baseline, found: FoundSystem, patch: Patch, values: Mapping[str, Scalar]
) -> PlannedPatch:
    """Resolve all edits of a patch, on its own, against the original files of one root.

    The status is `applied` where it fits, `already` where the tree has it, `absent` where this version has no
    such construct, `refused` where one is there but not as expected.

    Raises:
        CannotRunError: A file cannot be read.
    """
    row = partial(PlannedPatch, patch, found.root, parameters=dict(values))
    files: list[PlannedFile] = []
    for target in patch.files:
        refused = partial(row, Status.REFUSED, file=_first_there(baseline, found, target))
        try:
            files.append(_fit_file(baseline, found, target, patch, values))
        except UnparsableError as error:
            hint = (
                "If it runs in the checkout's own Python, run ttsopt with a Python that is as new."
            )
            return refused(why="unparsable", reason=error.reason, line=error.line, hint=hint)
        except PatternError as error:
            hint = f"Mend the catalogue's {patch.id}: the patch itself is wrong."
            return refused(why="bad-patch", reason=str(error), hint=hint)
        except RefusedError as error:
            return refused(why=error.code, reason=error.message, hint=error.hint)
    notes = notes_for(patch, baseline.checkout.directory / found.root, values)
    return replace(_judge(row(Status.APPLIED, files=tuple(files))), notes=notes)


def notes_for(patch: Patch, root: Path, values: Mapping[str, Scalar]) -> tuple[str, ...]:
    """What a patch has to say about the tree at hand."""
    expressions = {one.name: expression(one, values[one.name]) for one in patch.parameters}
    return tuple(
        fill(note.text, expressions)
        for note in patch.notes
        if active(note.when, values)
        and not (note.unless and active(note.unless, values))
        and any(holds(root / path, note.defines) for path in note.paths) == note.present
    )


def _fit_file(
    baseline: Baseline,
    found: FoundSystem,
    target: FileTarget,
    patch: Patch,
    values: Mapping[str, Scalar],
) -> PlannedFile:
    edits = bind(patch, target.edits, values)
    may_lack = [edit.optional or target.optional for edit in edits]
    for below in _below(found, target):
        top = baseline.checkout.from_top(below)
        if is_file(baseline.checkout.top / top):
            raw = baseline.original(top)
            if not target.anchor or holds_definition(raw, target.anchor):
                resolution = resolve(raw, edits)
                answers = _optional(resolution.answers, may_lack)
                before = sha256(baseline.current(top))
                return PlannedFile(below, resolution.splices, answers, before)
    missing = [EditAnswer(Status.ABSENT, describe(edit)) for edit in edits]
    return PlannedFile(_below(found, target)[0], (), _optional(missing, may_lack))


def _below(found: FoundSystem, target: FileTarget) -> list[str]:
    """The paths of a target, from the folder that was asked about."""
    return [(Path(found.root) / path).as_posix() for path in target.paths]


def _optional(answers: Sequence[EditAnswer], optional: Sequence[bool]) -> tuple[EditAnswer, ...]:
    """An optional edit that finds nothing is left out of the count."""
    pairs = zip(answers, optional, strict=True)
    return tuple(
        replace(answer, status=Status.SKIPPED)
        if may_lack and answer.status is Status.ABSENT
        else answer
        for answer, may_lack in pairs
    )


def _first_there(baseline: Baseline, found: FoundSystem, target: FileTarget) -> str:
    paths = _below(found, target)
    there = (path for path in paths if is_file(baseline.checkout.directory / path))
    return next(there, paths[0])


def _judge(row: PlannedPatch) -> PlannedPatch:
    """The status of a whole patch from its edits' answers: all or nothing."""
    answers = [(file, answer) for file in row.files for answer in file.answers]
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
        return replace(
            row, status=Status.ABSENT, why="absent", reason="this version has no such construct"
        )
    if any(answer.status is Status.APPLIED for _, answer in wanted):
        return row
    return replace(row, status=Status.ALREADY, why="upstream", reason="the tree has it")


def _refused(row: PlannedPatch, file: PlannedFile, answer: EditAnswer) -> PlannedPatch:
    why = answer.reason or "nothing like it is there, though the rest of the patch fits"
    nearest = f"; nearest: {answer.nearest}" if answer.nearest else ""
    return replace(
        row,
        status=Status.REFUSED,
        why="mismatch",
        reason=f"cannot {answer.what}: {why}{nearest}",
        hint=f"Compare the file with `ttsopt show {row.patch.id}`.",
        file=file.path,
        line=answer.line,
    )
