"""Proof that the code under test is the code that ran."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ttsopt.bench.job import WorkerJob
from ttsopt.bench.run.worker_result import ModuleRow, WorkerResult
from ttsopt.bench.spec import WatchedFile
from ttsopt.domain.measurement import EditExercise
from ttsopt.errors import CannotRunError

NOT_EXERCISED = "not-exercised"


def prove(job: WorkerJob, answer: WorkerResult) -> None:
    """Check that each planned file that was imported is the snapshot's, fresh, and nothing fell back.

    CannotRunError `foreign-module`, `other-source`, `stale-bytecode` or `fell-back` otherwise: no
    figure of such a process may be used. A planned file that was never imported is no error: its
    edits are not exercised.
    """
    planned = {row.path: row for row in job.files}
    for row in answer.modules:
        if row.loaded and row.path in planned:
            _prove_module(job, row, planned[row.path])
    if answer.fallbacks:
        raise CannotRunError(
            "fell-back",
            f"on the {job.side.value} side a patch's helper fell back to the unpatched way: "
            + "; ".join(answer.fallbacks),
            "this machine cannot use that patch: leave it out, or make available what it names",
        )


def exercise(files: Sequence[WatchedFile], answer: WorkerResult) -> tuple[EditExercise, ...]:
    """One row per edit, in order: whether the traced process ran it."""
    return tuple(
        EditExercise(
            edit.patch, file.path, edit.first, edit.id in answer.executed.get(file.path, ())
        )
        for file in files
        for edit in file.edits
    )


def patches_never_run(files: Sequence[WatchedFile], answer: WorkerResult) -> tuple[str, ...]:
    """Ids of patches of which no edit ran that counts (where a patch has none such: any edit)."""
    edits = [(row, file.path) for file in files for row in file.edits]
    counting = {row.patch for row, _ in edits if row.counts}
    ran = {
        row.patch
        for row, path in edits
        if row.id in answer.executed.get(path, ()) and (row.counts or row.patch not in counting)
    }
    return _without(ran, (row.patch for row, _ in edits))


def prove_exercised(files: Sequence[WatchedFile], answer: WorkerResult) -> None:
    """Check that every patch under test ran in a trace.

    Raises:
        CannotRunError: `not-exercised`: rounds would tell nothing of one that did not.
    """
    if never := patches_never_run(files, answer):
        raise CannotRunError(
            NOT_EXERCISED,
            f"no edit of {', '.join(never)} ran",
            "it is for another model, option or text: `ttsopt show PATCH` says for which",
        )


def _without(ran: set[str], patches: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row for row in patches if row not in ran))


def _prove_module(job: WorkerJob, row: ModuleRow, planned: WatchedFile) -> None:
    expected = (job.snapshot / row.path).resolve()
    side = f"on the {job.side.value} side, {row.module or row.path}"
    if row.file is None or Path(row.file) != expected:
        raise CannotRunError(
            "foreign-module",
            f"{side} was loaded from {row.file or 'no file (a stub)'}, not from {expected}",
            "another copy comes first on Python's path: uninstall it there, "
            "or take it off PYTHONPATH and out of .pth files",
        )
    if row.sha256 != planned.sha256:
        raise CannotRunError(
            "other-source",
            f"{side}: {expected} holds other bytes ({row.sha256}) than planned ({planned.sha256})",
            "something rewrote it in the meantime: end what does, then run the same command again",
        )
    if row.stale_bytecode:
        raise CannotRunError(
            "stale-bytecode",
            f"{side}: the bytecode that Python loads for {expected} is not that of its source",
            "delete cached bytecode (__pycache__) of this file, then run the same command again",
        )
