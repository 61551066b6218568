"""The user's caches of weights and data, which processes find by their paths: compared before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ttsopt.bench.job import Task, WorkerJob
from ttsopt.bench.run.isolation import folder_state
from ttsopt.bench.run.worker_environment import CACHES, user_folders
from ttsopt.boundary.variables import scrubbed
from ttsopt.errors import CannotRunError

# Others may fetch what is missing: no figure is of them, and each round has texts of its own.
TIMED = (Task.MEASURE, Task.PROFILE)


@contextmanager
def unchanged_caches(job: WorkerJob, inherited: Mapping[str, str]) -> Iterator[None]:
    """See that the user's caches are after a timed process as they were before it.

    Raises:
        CannotRunError: `cache-changed`: they are not.
    """
    if job.task not in TIMED:
        yield
        return
    before = _files(inherited)
    yield
    after = _files(inherited)
    paths = sorted(before.keys() | after.keys())
    if changed := [path for path in paths if before.get(path) != after.get(path)]:
        raise CannotRunError(
            "cache-changed",
            f"while the worker of the {job.side.value} side ({job.task.value}) ran, your caches changed: "
            f"{', '.join(changed[:3])}",
            "what it keeps there would serve later rounds, so no figure counts; if another program did it, run "
            "the same command again without that",
        )


def _files(inherited: Mapping[str, str]) -> dict[str, tuple[object, ...]]:
    """Return what lies in the caches, with what tells that it was written to."""
    folders = dict(user_folders(scrubbed(inherited)))
    return {
        str(Path(folders[name], path)): state
        for name in CACHES
        for path, state in folder_state(Path(folders[name]), with_inode=True).items()
    }
