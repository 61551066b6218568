"""A worker of a study in a process of its own: `tuning_worker.py CHECKOUT STORAGE LOG [HANG]`.

It writes each set that it measures to LOG, a line each, and with HANG waits for ever in the second.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tuning_fakes as fakes

import ttsopt.operations.bench.measure as bench
from ttsopt.bench.job import Task, WorkerJob
from ttsopt.operations.tune.run import tune


@contextmanager
def silent() -> Iterator[Callable[[Any], None]]:
    yield lambda _: None


def main(checkout: Path, storage: str, log: Path, *, hangs: bool) -> None:
    begun = 0

    def happen(job: WorkerJob) -> None:
        nonlocal begun
        if job.task is Task.PREPARE:
            begun += 1
            if hangs and begun == 2:
                with log.open("a") as file:
                    file.write("hangs\n")
                time.sleep(600)

    def keep(job: object, _: object) -> None:
        with log.open("a") as file:
            file.write(f"{job}\n")

    setattr(bench, "WorkerExecutor", fakes.TunedMachine(happen=happen))  # noqa: B010 - it is a class there
    done = tune(
        fakes.tuning(checkout), fakes.tune_spec(storage=storage), (None, None), silent, keep
    )
    sys.stdout.write(",".join(row.id for row in done.kept))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), hangs="HANG" in sys.argv[4:])
