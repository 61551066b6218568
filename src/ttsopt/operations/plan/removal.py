"""Removal of patches from every file that they are in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ttsopt.checkout.fs.files import sha256
from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.state.store import fetch
from ttsopt.domain.journal import Journal, JournalFile, JournalPatch
from ttsopt.domain.plan import FileChange
from ttsopt.errors import RefusedError
from ttsopt.operations.plan.baseline import Baseline
from ttsopt.operations.plan.composition import compose_file
from ttsopt.operations.plan.drift import file_drifts, without_gone
from ttsopt.operations.plan.merging import Unmerged

REACH = "Put the patched files back in their places (mount them, take the link away) and run the command again"


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A file (by its path from the top) in which edits and patches cannot be told apart, where and why.

    `hint` says what to do where that is not for the user to decide. Not `is_reached`: the file itself is not to be
    had, and may hold patches.
    """

    path: str
    line: int
    reason: str
    original_sha256: str
    hint: str = ""
    is_reached: bool = True


@dataclass(frozen=True, slots=True)
class Removal:
    """The changes, and the `journal` once they are written. Paths are from the top.

    `gone` hold nothing of the patches any more and are left alone; `folders` counts those above each of them that
    ttsopt made. `unreached`, which are left alone as well, may be patched, and are forgotten by force. `merged`
    keep somebody's edits. `forced` has the bytes that are replaced all the same.
    """

    journal: Journal
    changes: tuple[FileChange, ...] = ()
    gone: tuple[str, ...] = ()
    folders: Mapping[str, int] = field(default_factory=dict)
    unreached: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    forced: Mapping[str, bytes] = field(default_factory=dict)
    in_the_way: tuple[InTheWay, ...] = ()


def plan_removal(
    checkout: Checkout,
    journal: Journal,
    leaving: Sequence[JournalPatch],
    remaining: Sequence[JournalPatch],
    *,
    force: bool,
) -> Removal:
    """Return what becomes of the files of the patches that leave; with `force`, files in the way are replaced.

    Raises:
        RefusedError: An original is lost, or the journal contradicts itself.
        CannotRunError: A file cannot be read.
    """
    stands = file_drifts(checkout, journal)
    baseline = Baseline(checkout, without_gone(journal, stands), stands)
    touched = sorted({path for row in leaving for path in row.splices})
    unreached = {
        row.file.path: row.doubt for row in stands if row.doubt and row.file.path in touched
    }
    gone = tuple(
        row.file.path
        for row in stands
        if row.is_gone and row.file.path in touched and row.file.path not in unreached
    )
    files = {path: _record(journal, path) for path in touched}
    targets = {
        path: compose_file(path, fetch(checkout, files[path].original_sha256), remaining)
        for path in touched
        if path not in gone and path not in unreached
    }
    steps = {path: baseline.change(path, target) for path, target in targets.items()}
    stuck = [path for path, step in steps.items() if isinstance(step, Unmerged)]
    forced = {path: baseline.current(path) or b"" for path in stuck} if force else {}
    steps |= {path: baseline.forced(path, targets[path]) for path in forced}
    return Removal(
        _journal_after(journal, remaining, targets),
        tuple(step for step in steps.values() if isinstance(step, FileChange)),
        gone,
        {path: files[path].folders for path in gone},
        tuple(unreached) if force else (),
        tuple(path for path in targets if path not in stuck and baseline.was_changed(path)),
        forced,
        (*_in_the_way(steps, files), *([] if force else _out_of_reach(unreached, files))),
    )


def _in_the_way(
    steps: Mapping[str, FileChange | Unmerged], files: Mapping[str, JournalFile]
) -> Iterator[InTheWay]:
    for path, step in steps.items():
        if isinstance(step, Unmerged):
            yield InTheWay(path, step.line, step.reason, files[path].original_sha256, step.hint)


def _out_of_reach(
    unreached: Mapping[str, str], files: Mapping[str, JournalFile]
) -> Iterator[InTheWay]:
    for path, reason in unreached.items():
        yield InTheWay(path, 0, reason, files[path].original_sha256, REACH, is_reached=False)


def _record(journal: Journal, path: str) -> JournalFile:
    record = journal.file(path)
    if record is None:
        raise RefusedError(
            "damaged-journal",
            f"the journal has no record of {path}",
            "`ttsopt restore` looks for a copy of it that is whole.",
        )
    return record


def _journal_after(
    journal: Journal,
    remaining: Sequence[JournalPatch],
    targets: Mapping[str, bytes | None],
) -> Journal:
    """Return what stays; a file that other patches share stands for what those make of it, if it is not gone."""
    needed = {path for row in remaining for path in row.splices}
    return Journal(
        tuple(remaining),
        tuple(
            _left_with(row, targets[row.path]) if row.path in targets else row
            for row in journal.files
            if row.path in needed
        ),
    )


def _left_with(file: JournalFile, target: bytes | None) -> JournalFile:
    return replace(file, written_sha256=sha256(target))
