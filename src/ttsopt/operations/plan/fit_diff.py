"""A user's own unified diff as a row of the plan: carried out whole, or not at all."""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ttsopt.boundary.reading import read_given
from ttsopt.checkout.fs.files import mode_bits, read_file, sha256
from ttsopt.domain.effect import Effect
from ttsopt.domain.patch import Patch
from ttsopt.domain.plan import EditAnswer, Fate, PlannedFile, PlannedPatch, Splice, Status, at_line
from ttsopt.editing.compose import compose
from ttsopt.editing.resolution import Resolution
from ttsopt.editing.unified.file_diff import DiffError, FileDiff
from ttsopt.editing.unified.hunks import resolve_hunks
from ttsopt.editing.unified.parse import parse_diff
from ttsopt.errors import CannotRunError, RefusedError, UsageError
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.diff_names import is_there, settle_names

DIFFERS = "Make the diff against this version of the file, or mend that hunk of it."


@dataclass
class _FileError(Exception):
    """Why one file of the diff cannot be done: a word for scripts, a file, and what to read."""

    why: str
    file: str
    reason: str
    hint: str = ""
    answer: EditAnswer | None = None


def fit_diff(baseline: Baseline, file: Path) -> PlannedPatch:
    """Resolve a patch file against the original bytes of the checkout's files.

    Paths in it are relative to the folder that was asked about. Their first component (`a/`, `b/`) is taken off,
    as `patch -p1` does; where what is left names no file but the whole path does, they are taken whole, all of
    them (`-p0`). The status is `applied` where it fits, `already` where every file has its change, else
    `refused`: also where some files have it and some do not, which is not the tree that it was made for.

    Raises:
        UsageError: There is no such patch file, or it is no diff that can be carried out whole.
        CannotRunError: A file cannot be read.
    """
    patch = _patch(file)
    try:
        diffs = settle_names(baseline, _read(file))
        _refuse_repeated(diffs)
        files = tuple(one for diff in diffs for one in _fit(baseline, diff))
        done = _already(files)
    except _FileError as refusal:
        return _refused(patch, refusal)
    except RefusedError as error:
        return _refused(patch, _FileError(error.code, "", error.message, error.hint))
    if done:
        reason = "the tree has it"
        return PlannedPatch(patch, ".", Status.ALREADY, files=files, why="upstream", reason=reason)
    return PlannedPatch(patch, ".", Status.APPLIED, files=files)


def _patch(file: Path) -> Patch:
    name = re.sub(r"[^\w.-]", "-", file.stem).strip(".") or "patch"
    return Patch(
        id=f"file/{name}",
        version=1,
        summary=f"The changes of {file.name}",
        why="A patch file of your own: what it does to speed and sound, only you and a benchmark can say.",
        effect=Effect.LOSSY,
        files=(),
    )


def _read(file: Path) -> tuple[FileDiff, ...]:
    if not file.exists():
        message = f"{file} does not exist"
        raise UsageError(
            "no-such-patch-file", message, "Name a unified diff, as `git diff` writes it."
        )
    try:
        return parse_diff(_contents(file))
    except DiffError as error:
        raise UsageError(
            "bad-patch-file",
            f"{at_line(str(file), error.line)}: {error.reason}",
            "ttsopt reads unified diffs of text, as `git diff` and `diff -u` write them.",
        ) from error


def _contents(file: Path) -> bytes:
    """The bytes of a file, or what comes through a pipe (`--patch-file <(git diff)`)."""
    if not stat.S_ISFIFO(file.stat().st_mode):
        return read_file(file)
    try:
        return read_given(file)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        hint = "Write the diff into a file, and name that."
        raise CannotRunError("unreadable", message, hint) from error


def _refuse_repeated(diffs: Sequence[FileDiff]) -> None:
    seen: set[str] = set()
    for diff in diffs:
        names = {diff.source, diff.target}
        if again := names & seen:
            reason = f"line {diff.line}: second change of the same file: make one diff of both"
            hint = "Apply the series in git, and take `git diff` from before it to after it."
            raise _FileError("repeated", again.pop(), reason, hint)
        seen |= names


def _fit(baseline: Baseline, diff: FileDiff) -> list[PlannedFile]:
    if diff.renames:
        return _rename(baseline, diff)
    if diff.fate is Fate.CREATED:
        content = b"".join(row.text for hunk in diff.hunks for row in hunk.body)
        file = _create(baseline, diff.target, content, diff.mode)
        return [replace(file, proven=diff.proven(None, content))]
    if diff.fate is Fate.DELETED:
        return [_delete(baseline, diff)]
    original = _original(baseline, diff.source)
    resolution = _resolved(diff.source, diff, original)
    file = _planned(baseline, diff.source, resolution)
    after = compose(original, resolution.splices)
    return [replace(file, proven=diff.proven(original, after))]


def _already(files: Sequence[PlannedFile]) -> bool:
    """Return True if all files have their change; some alone is a refusal."""
    done = [all(row.status is Status.ALREADY for row in one.answers) for one in files]
    if all(done) or not any(done):
        return all(done)
    there, lacking = files[done.index(True)].path, files[done.index(False)].path
    reason = f"its change is there already, but that of {lacking} is not"
    raise _FileError("mismatch", there, reason, "Take the files that have it out of the diff.")


def _rename(baseline: Baseline, diff: FileDiff) -> list[PlannedFile]:
    """The old file goes and the new one comes; its mode comes along."""
    source, target = diff.source, diff.target
    if not is_there(baseline, source) and is_there(baseline, target):
        done = resolve_hunks(diff, _original(baseline, target))
        if all(answer.status is Status.ALREADY for answer in done.answers):
            answer = EditAnswer(Status.ALREADY, f"rename {source} to {target}")
            return [_planned(baseline, target, Resolution((answer, *done.answers), ()))]
    original = _original(baseline, source)
    resolution = _resolved(source, diff, original)
    if any(answer.status is Status.ALREADY for answer in resolution.answers):
        reason = f"the change of {source} is there already, but its new name {target} is not"
        raise _FileError("mismatch", source, reason, DIFFERS)
    mode = _mode(baseline, source)
    gone = _gone(baseline, source, f"rename {source} to {target}")
    content = compose(original, resolution.splices)
    file = _create(baseline, target, content, mode)
    return [gone, replace(file, proven=diff.proven(original, content))]


def _create(baseline: Baseline, path: str, content: bytes, mode: int) -> PlannedFile:
    top = baseline.checkout.from_top(path)
    place = baseline.place(top)
    if place.is_dir() or any(folder.is_file() for folder in place.parents):
        reason = (
            "the diff creates it, but there a folder stands for the file, or a file for a folder"
        )
        raise _FileError("exists", path, reason, "Move that out of the way, if you can.")
    there = baseline.original(top)
    if there == content:
        answer = EditAnswer(Status.ALREADY, f"create {path}")
        return _planned(baseline, path, Resolution((answer,), ()))
    if there is not None:
        reason = "the diff creates it, but there is a file of that name, with other bytes"
        raise _FileError("exists", path, reason, "Move that file out of the way, if you can.")
    splices = (Splice(0, 0, b"", content),) if content else ()
    answer = EditAnswer(Status.APPLIED, f"create {path}")
    return _planned(baseline, path, Resolution((answer,), splices), Fate.CREATED, mode)


def _delete(baseline: Baseline, diff: FileDiff) -> PlannedFile:
    if not is_there(baseline, diff.source):
        answer = EditAnswer(Status.ALREADY, f"delete {diff.source}")
        return _planned(baseline, diff.source, Resolution((answer,), ()))
    original = _original(baseline, diff.source)
    resolution = _resolved(diff.source, diff, original)
    if compose(original, resolution.splices):
        reason = "the diff deletes it, but it has more in it than the diff takes away"
        raise _FileError("mismatch", diff.source, reason, DIFFERS)
    return _gone(baseline, diff.source, f"delete {diff.source}")


def _gone(baseline: Baseline, path: str, what: str) -> PlannedFile:
    if (baseline.checkout.directory / path).is_symlink():
        reason = f"cannot {what}: it is a symbolic link, and what it leads to would go instead"
        raise _FileError("link", path, reason, "Take that file out of the diff.")
    answer = EditAnswer(Status.APPLIED, what)
    return _planned(baseline, path, Resolution((answer,), ()), Fate.DELETED)


def _resolved(path: str, diff: FileDiff, original: bytes) -> Resolution:
    resolution = resolve_hunks(diff, original)
    wrong = next((row for row in resolution.answers if row.status is Status.REFUSED), None)
    if wrong:
        reason = f"cannot {wrong.what}: {wrong.reason}"
        raise _FileError("mismatch", path, reason, DIFFERS, wrong)
    return resolution


def _planned(
    baseline: Baseline,
    path: str,
    resolution: Resolution,
    fate: Fate = Fate.EDITED,
    mode: int = 0o644,
) -> PlannedFile:
    before = sha256(baseline.current(baseline.checkout.from_top(path)))
    splices, answers = resolution.splices, resolution.answers
    return PlannedFile(path, splices, answers, before, fate=fate, mode=mode)


def _original(baseline: Baseline, path: str) -> bytes:
    found = baseline.original(baseline.checkout.from_top(path))
    if found is None:
        hint = "Paths in a patch file are relative to the folder that ttsopt is asked about."
        raise _FileError("missing", path, "the diff changes it, but there is no such file", hint)
    return found


def _mode(baseline: Baseline, path: str) -> int:
    """The mode bits of a file; those of the journal where a patch has taken it away."""
    top = baseline.checkout.from_top(path)
    return mode_bits(baseline.place(top), baseline.mode(top))


def _refused(patch: Patch, refusal: _FileError) -> PlannedPatch:
    line = refusal.answer.line if refusal.answer else 0
    return PlannedPatch(
        patch,
        ".",
        Status.REFUSED,
        why=refusal.why,
        reason=refusal.reason,
        hint=refusal.hint,
        file=refusal.file,
        line=line,
        answer=refusal.answer,
    )
