"""Runs a worker in the checkout's own interpreter."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import ttsopt
from ttsopt.bench.job import WorkerJob
from ttsopt.bench.run import worker_errors as failures
from ttsopt.bench.run.caches import unchanged_caches
from ttsopt.bench.run.clocks import check_clocks
from ttsopt.bench.run.conversation import Conversation, conversation
from ttsopt.bench.run.isolation import isolated
from ttsopt.bench.run.process import ChildEnd, run_child
from ttsopt.bench.run.worker_environment import worker_environment
from ttsopt.bench.run.worker_result import WorkerFailure, WorkerResult, bad_answer, read_result
from ttsopt.bench.spec import RANDOM
from ttsopt.boundary.reading import RESULT, read_bytes
from ttsopt.errors import CannotRunError

WORKER = Path(ttsopt.__file__).resolve().parent / "in_target" / "worker.py"


class Executor(Protocol):
    """Runs one worker process: the seam at which tests put a fake."""

    def run(self, job: WorkerJob) -> WorkerResult:
        """Do `job` in a fresh process. CannotRunError where no answer of use comes back."""
        ...


@dataclass(frozen=True, slots=True)
class WorkerExecutor:
    """Processes of `python`, each for at most `time_limit` seconds and with folders of its own.

    `install_hint` is said where a module is missing. `inherited` are the variables that a worker
    starts from.
    """

    python: Path
    time_limit: float
    install_hint: str = ""
    worker: Path = WORKER
    inherited: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def run(self, job: WorkerJob) -> WorkerResult:
        """Do `job`; CannotRunError with a code of worker_errors.py, of a check around it, or `bad-answer`."""
        with _writable(job), unchanged_caches(job, self.inherited), isolated(job) as own:
            write_request(job, own)
            talk = conversation(job)
            end = self._start(job, own, talk)
            result = read_result(self._content(job, end), job)
            if isinstance(result, WorkerFailure):
                raise failures.reported(result, job, self.python, self.install_hint)
        peak = result.peak_rss_bytes
        result = replace(result, peak_rss_bytes=peak and max(peak, talk.tree.peak))
        return check_clocks(job, result, talk.spans)

    def _content(self, job: WorkerJob, end: ChildEnd) -> bytes:
        """Return what the worker left as its result, where that is a file of its own."""
        try:
            return read_bytes(job.control / "result.json", RESULT, follow=False)
        except FileNotFoundError:
            hung = end.status is None
            raise (
                failures.hung(end, job, self.time_limit) if hung else failures.died(end, job)
            ) from None
        except OSError as error:
            raise bad_answer(job, f"it cannot be read: {error.strerror}") from error

    def _start(self, job: WorkerJob, own: Path, talk: Conversation) -> ChildEnd:
        environment = worker_environment(
            self.inherited,
            job.spec.threads,
            own,
            offline=job.spec.weights == RANDOM,
        )
        environment |= job.spec.chosen.variables
        command = [str(self.python), str(self.worker), str(job.control)]
        seconds = math.inf if job.turn else self.time_limit  # turns.py limits each of its texts
        try:
            return run_child(command, job.snapshot, environment, seconds, talk)
        except OSError as error:
            raise failures.not_startable(error, self.python) from error


def write_request(job: WorkerJob, own: Path) -> None:
    """Write request.json into the job's new folder."""
    message = json.dumps(job.message(own), ensure_ascii=False, indent=1)
    job.control.mkdir(parents=True)
    (job.control / "request.json").write_text(message, encoding="utf-8")


@contextmanager
def _writable(job: WorkerJob) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotRunError(
            "cannot-write", f"{job.setup.work} cannot be written: {error}", "make room there"
        ) from error
