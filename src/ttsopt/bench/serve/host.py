"""Runs a system's own server from a snapshot: a fresh process, ready or given up, ended with all its children."""

from __future__ import annotations

import contextlib
import math
import os
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from ttsopt.bench.job import PROTOCOL, ServeJob, WorkerJob
from ttsopt.bench.run import worker_errors as failures
from ttsopt.bench.run.conversation import Conversation, conversation
from ttsopt.bench.run.executor import WORKER, write_request
from ttsopt.bench.run.isolation import isolated
from ttsopt.bench.run.process import ChildEnd, run_child
from ttsopt.bench.run.worker_environment import worker_environment
from ttsopt.bench.run.worker_result import WorkerFailure, bad_answer, read_result
from ttsopt.bench.serve.result import Usage
from ttsopt.bench.spec import RANDOM
from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.process_tree import ProcessTree
from ttsopt.boundary.reading import RESULT, TABLE, read_bytes
from ttsopt.domain.serving import ServeRecipe
from ttsopt.errors import CannotRunError

LOOPBACK = "127.0.0.1"
POLL_SECONDS, HEALTH_SECONDS = 0.2, 2.0
BROKEN = 500


@dataclass(frozen=True, slots=True)
class Host:
    """Starts servers by a recipe in `python`; each has `time_limit` seconds to be ready.

    `install` is said where a module is missing that the TTS code needs without a server, too.
    """

    python: Path
    recipe: ServeRecipe
    time_limit: float
    install: str = ""
    inherited: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


@dataclass(slots=True)
class Hosted:
    """A server that is up: its address, what requests to it need, and its process tree."""

    url: str
    values: Mapping[str, str]
    stubs: tuple[str, ...]
    process: _Process
    _since: float = 0.0
    _began: float = 0.0

    def count_from_here(self) -> None:
        """Count CPU seconds from now on."""
        self._since, self._began = self.process.seconds(), time.monotonic()

    def cpu_seconds(self) -> float:
        """Return CPU seconds of its process tree since they are counted."""
        return max(0.0, self.process.seconds() - self._since)

    def usage(self) -> Usage:
        """Return the peak of its memory, CPU seconds since they are counted, and its memory since then."""
        samples = self.process.samples()
        memory = tuple((at - self._began, held) for at, held in samples if at >= self._began)
        return Usage(self.process.peak(), self.cpu_seconds(), memory=memory)


@dataclass(slots=True)
class _Process:
    """The partner of the process in the thread that waits for it; `end` is there once it has ended."""

    _talk: Conversation
    end: ChildEnd | None = None
    error: OSError | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def _tree(self) -> ProcessTree:
        return self._talk.tree

    def began(self, pid: int) -> None:
        with self._lock:
            self._tree.watch(pid)

    def answer(self, line: bytes) -> bytes | None:
        return self._talk.answer(line)

    def tick(self) -> None:
        with self._lock:
            self._tree.look_at_all_memory()

    def ended(self) -> None:
        with self._lock:
            self._tree.kill()

    def stop(self) -> None:
        """End it and all below it."""
        with self._lock:
            self._tree.end()

    def peak(self) -> int:
        with self._lock:
            self._tree.look_at_all_memory()
            return self._tree.peak

    def samples(self) -> list[tuple[float, int]]:
        with self._lock:
            return list(self._tree.samples)

    def seconds(self) -> float:
        with self._lock:
            return self._tree.seconds()


@contextlib.contextmanager
def hosted(host: Host, job: WorkerJob) -> Iterator[Hosted]:
    """Start the server of a job, wait until it is ready, and end it with all that it started.

    Raises:
        CannotRunError: It ended or failed before it was ready, or was not ready in time.
    """
    port = free_port()
    job = replace(job, serve=ServeJob(host.recipe.script, host.recipe.arguments, port))
    with isolated(job) as own:
        write_request(job, own)
        process = _Process(conversation(job))
        arguments = (host, job, own, process)
        thread = threading.Thread(target=_run, args=arguments, name="ttsopt-server")
        thread.start()
        try:
            server = _ready(host, job, process, f"http://{LOOPBACK}:{port}")
            with _with_last_words(process, thread):
                yield server
        finally:
            _stop(process, thread)


@contextlib.contextmanager
def _with_last_words(process: _Process, thread: threading.Thread) -> Iterator[None]:
    """Add what the server printed last to an error of who asked it."""
    try:
        yield
    except CannotRunError as error:
        _stop(process, thread)
        error.add(failures.last_words(process.end) if process.end else ())
        raise


def _stop(process: _Process, thread: threading.Thread) -> None:
    while thread.is_alive():  # it may not have begun yet
        process.stop()
        thread.join(POLL_SECONDS)


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _run(host: Host, job: WorkerJob, own: Path, process: _Process) -> None:
    spec = job.spec
    variables = worker_environment(
        host.inherited, spec.threads, own, offline=spec.weights == RANDOM
    )
    command = [str(host.python), str(WORKER), str(job.control)]
    try:
        process.end = run_child(
            command, job.snapshot, variables | dict(spec.chosen.variables), math.inf, process
        )
    except OSError as error:
        process.error = error


def _ready(host: Host, job: WorkerJob, process: _Process, url: str) -> Hosted:
    until = time.monotonic() + host.time_limit
    while time.monotonic() < until:
        if process.error:
            raise failures.not_startable(process.error, host.python)
        if process.end:
            raise _failure(host, job, process.end)
        if (job.control / "serving.json").is_file() and _answers(url + host.recipe.health):
            values, stubs = _said(job)
            return Hosted(url, values, stubs, process)
        time.sleep(POLL_SECONDS)
    message = f"the server of the {job.side.value} side was not ready after {host.time_limit:g} s"
    hint = f"If it is only slow: --time-limit {max(1, round(2 * host.time_limit))}"
    raise CannotRunError("server-not-ready", f"{message} and was stopped", hint)


def _answers(url: str) -> bool:
    """True if anything but an error of its own comes back; 404 is an answer as well."""
    try:
        with httpx.stream("GET", url, timeout=HEALTH_SECONDS, trust_env=False) as response:
            return response.status_code < BROKEN
    except httpx.HTTPError:
        return False


def _failure(host: Host, job: WorkerJob, end: ChildEnd) -> CannotRunError:
    try:
        content = read_bytes(job.control / "result.json", RESULT, follow=False)
    except OSError:
        return failures.died(end, job)
    result = read_result(content, job)
    if not isinstance(result, WorkerFailure):
        return failures.died(end, job)
    error = failures.reported(result, job, host.python, _installing(host, result.missing_module))
    if not result.missing_module:
        # a server that exits says in its log why
        error.add(line for line in failures.last_words(end) if line not in error.lines)
    return error


def _installing(host: Host, module: str | None) -> str:
    """Return how a module is installed: with what the server needs, or with the rest of the TTS code."""
    named = re.split(r"\W+", host.recipe.install)
    return host.recipe.install if (module or "").partition(".")[0] in named else host.install


def _said(job: WorkerJob) -> tuple[dict[str, str], tuple[str, ...]]:
    """Read what the workload says of its server."""
    try:
        said = load_json(read_bytes(job.control / "serving.json", TABLE, follow=False))
        values, stubs = said["values"], said["stubs"]
        is_right = said["protocol"] == PROTOCOL and all(map(_is_text, (*values.values(), *stubs)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise bad_answer(job, f"serving.json: {error}") from error
    if not is_right:
        raise bad_answer(job, "serving.json holds something else than texts")
    return dict(values), tuple(stubs)


def _is_text(value: object) -> bool:
    return isinstance(value, str)
