"""True if a patch fits one root, and the splices that it comes to there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ttsopt.catalog.parameters import active, bind, expression, fill
from ttsopt.checkout.fs.files import sha256
from ttsopt.discovery.definitions import holds, is_file
from ttsopt.domain.edits import AddFile, Decorate
from ttsopt.domain.patch import Edit, FileTarget, Patch, Scalar
from ttsopt.domain.plan import EditAnswer, PlannedFile, PlannedPatch, Status
from ttsopt.domain.system import FoundSystem
from ttsopt.editing.resolve import resolve
from ttsopt.editing.unparsable import PatternError, UnparsableError
from ttsopt.errors import RefusedError
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.helper_files import HelperFile, helper_file, laid_out
from ttsopt.operations.plan.patch_status import judge, weigh
from ttsopt.operations.plan.target_files import find_target, imported_by, names_it, path_to_name


def fit_patch(
    baseline: Baseline, found: FoundSystem, patch: Patch, values: Mapping[str, Scalar]
) -> PlannedPatch:
    """Return what a patch comes to at one root; where it is refused, with the nearest that is there.

    Raises:
        CannotRunError: A file cannot be read.
    """
    row = _fit(baseline, found, patch, values, explain=False)
    unexplained = row.answer and row.answer.status is Status.ABSENT and not row.answer.nearest
    return _fit(baseline, found, patch, values, explain=True) if unexplained else row


def _fit(
    baseline: Baseline,
    found: FoundSystem,
    patch: Patch,
    values: Mapping[str, Scalar],
    *,
    explain: bool,
) -> PlannedPatch:
    """Resolve all edits of a patch, on its own, against the original files of one root.

    The status is `applied` where it fits, `already` where the tree has it, `absent` where this version has no
    such construct, `refused` where one is there but not as expected.
    """
    row = partial(PlannedPatch, patch, found.root, parameters=dict(values))
    files: dict[str, PlannedFile] = {}
    for target in patch.files:
        name = path_to_name(baseline, found, target)
        refused = partial(row, Status.REFUSED, file=name)
        try:
            fitted = _fit_target(baseline, found, target, patch, values, explain=explain)
            for file in fitted:
                files[file.path] = _joined(files.get(file.path), file)
        except UnparsableError as error:
            hint = _hint(error)
            return refused(why="unparsable", reason=error.reason, line=error.line, hint=hint)
        except PatternError as error:
            hint = f"Mend the catalogue's {patch.id}: `ttsopt list --check` says what is wrong."
            return refused(why="bad-patch", reason=str(error), hint=hint)
        except RefusedError as error:
            return refused(why=error.code, reason=error.message, hint=error.hint)
    notes = (*_moved(baseline, found, patch, files), *notes_for(baseline, found, patch, values))
    return replace(judge(row(Status.APPLIED, files=tuple(files.values()))), notes=notes)


def _moved(
    baseline: Baseline, found: FoundSystem, patch: Patch, files: Mapping[str, PlannedFile]
) -> Iterator[str]:
    """Files that the patch does not name, and what they are taken for."""
    for target in patch.files:
        if names_it(baseline, found, target, files):
            continue
        path = find_target(baseline, found, target, patch.files)
        if path and path in files and (point := imported_by(baseline, found, target, path)):
            yield f"{path} is what {point} imports in place of {target.paths[0]}"


def _hint(error: UnparsableError) -> str:
    if error.needs:
        install = f"`pipx install --python {error.needs} --force .` in ttsopt's folder makes that"
        return f"ttsopt reads such a file when it runs on Python {error.needs} or newer: {install}."
    return "Does the checkout's own Python take it? `python -m py_compile FILE` says so."


def notes_for(
    baseline: Baseline, found: FoundSystem, patch: Patch, values: Mapping[str, Scalar]
) -> tuple[str, ...]:
    """Return what a patch has to say about the tree at hand."""
    root = baseline.checkout.directory / found.root
    expressions = {one.name: expression(one, values[one.name]) for one in patch.parameters}
    return tuple(
        fill(note.text, expressions)
        for note in patch.notes
        if active(note.when, values)
        and not (note.unless and active(note.unless, values))
        and any(holds(root / found.layout.there(path), note.defines) for path in note.paths)
        == note.present
    )


def _fit_target(
    baseline: Baseline,
    found: FoundSystem,
    target: FileTarget,
    patch: Patch,
    values: Mapping[str, Scalar],
    *,
    explain: bool,
) -> Iterator[PlannedFile]:
    """The file that a target is about, and the helper files laid beside it."""
    edits = bind(patch, target.edits, values)
    path = find_target(baseline, found, target, patch.files)
    if path is None:
        missing = [EditAnswer(Status.ABSENT, edit.describe()) for edit in edits]
        name = path_to_name(baseline, found, target)
        if target.if_there and not is_file(baseline.checkout.directory / name):
            target = replace(target, optional=True)
        yield PlannedFile(name, (), weigh(target, edits, missing))
        return
    top = baseline.checkout.from_top(path)
    helpers = [
        helper_file(baseline, found, path, edit) for edit in edits if isinstance(edit, AddFile)
    ]
    raw = baseline.original(top) or b""
    resolution = resolve(path, raw, _with_imports(edits, helpers), explain=explain)
    answers = weigh(target, edits, resolution.answers)
    _refuse_late_import(edits, answers, helpers)
    found_there = {answer.status for answer in answers if answer.counts}
    splices = tuple(replace(splice, rank=splice.rank + patch.rank) for splice in resolution.splices)
    # An import that no edit uses stays out.
    is_used = bool(found_there & {Status.APPLIED, Status.ALREADY})
    yield PlannedFile(path, splices * is_used, answers, sha256(baseline.current(top)))
    if Status.APPLIED in found_there:
        for helper in helpers:
            yield from laid_out(baseline, helper, patch)


def _joined(before: PlannedFile | None, file: PlannedFile) -> PlannedFile:
    """Two targets that are one file: what both do to it."""
    if before is None:
        return file
    splices = tuple(dict.fromkeys((*before.splices, *file.splices)))
    return replace(file, splices=tuple(sorted(splices)), answers=(*before.answers, *file.answers))


def _with_imports(edits: Sequence[Edit], helpers: Sequence[HelperFile]) -> list[Edit]:
    """Edits in which a helper to be laid out has become the import of it."""
    left = iter(helpers)
    return [next(left).needed_import if isinstance(edit, AddFile) else edit for edit in edits]


def _refuse_late_import(
    edits: Sequence[Edit], answers: Sequence[EditAnswer], helpers: Sequence[HelperFile]
) -> None:
    """See that no decorator stands above the import of its helper, where that cannot stand at the top.

    Raises:
        RefusedError: One does: the file would not import any more.
    """
    late = max((helper.needed_import.line for helper in helpers), default=0)
    for edit, answer in zip(edits, answers, strict=True):
        if isinstance(edit, Decorate) and answer.status is Status.APPLIED and answer.line < late:
            message = (
                f"it is used on line {answer.line}, and can be imported from line {late} on,"
                " where the file has changed its import path"
            )
            hint = "Move the change of sys.path and the import below it to the top of the file."
            raise RefusedError("mismatch", f"cannot {answer.what}: {message}", hint)
