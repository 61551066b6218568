"""Where one call of either side spends its time and memory; apart from the rounds, which it would distort."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.run.executor import Executor
from ttsopt.bench.run.worker_result import ProfileRow
from ttsopt.bench.spec import BenchSetup, BenchSpec
from ttsopt.boundary.reading import OUTPUT, copy_regular
from ttsopt.domain.measurement import Side
from ttsopt.errors import CannotRunError


@dataclass(frozen=True, slots=True)
class Profile:
    """One side's profile, and its files for other tools: `<side>.pstats`, and of torch `<side>.json`."""

    side: Side
    row: ProfileRow
    files: tuple[Path, ...]


def profile_sides(
    spec: BenchSpec, setup: BenchSetup, executor: Executor, folder: Path
) -> tuple[Profile, ...]:
    """Profile the first utterance on either side; the files of other tools go into `folder`.

    CannotRunError where a process fails, or the folder cannot be written.
    """
    jobs = (
        WorkerJob(spec, setup, Task.PROFILE, side, setup.work / "control" / f"profile-{side.value}")
        for side in Side
    )
    return tuple(_profile(job, executor, folder) for job in jobs)


def _profile(job: WorkerJob, executor: Executor, folder: Path) -> Profile:
    row, side = executor.run(job).profile, job.side
    if row is None:
        message = "the worker gave no profile"
        raise CannotRunError("bad-answer", message, "a defect of ttsopt: report this message")
    try:
        return Profile(side, row, tuple(_keep(Path(file), side, folder) for file in row.files))
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}"
        raise CannotRunError("unwritable", message, "Name a folder that can be written.") from error


def _keep(file: Path, side: Side, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{side.value}{file.suffix}"
    copy_regular(file, target, OUTPUT)
    return target
