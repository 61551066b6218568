"""A benchmark over HTTP written down for Locust, in the place of being run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ttsopt.bench.serve.locustfile import locustfile
from ttsopt.bench.serve.request import make_request
from ttsopt.bench.serve.schedule import spoken
from ttsopt.domain.typed_command import typed
from ttsopt.errors import UsageError
from ttsopt.operations.bench.serve import ServeAsked, addresses, asked_spec


@dataclass(frozen=True, slots=True)
class LocustScenario:
    """A locustfile, how many requests it has, and the commands that run it."""

    text: str
    requests: int
    next: tuple[str, ...]


def locust_scenario(urls: tuple[str, ...], asked: ServeAsked, file: Path) -> LocustScenario:
    """Return the scenario of `serve_http` as a locustfile, and a command for each server and level.

    Raises:
        UsageError: As `serve_http`; `not-in-locust`: a rate, a service level, or a call of Gradio.
    """
    if asked.slo or any(load.rate for load in asked.loads):
        hint = "Leave out --rate and --slo; --concurrency is the number of its users."
        message = "Locust's users ask again when they were answered: it keeps no timetable"
        raise UsageError("not-in-locust", message, hint)
    by_side, spec = addresses(urls), asked_spec(asked)
    if spec.call.template.gradio:
        message = "a call of Gradio is several requests, which the locustfile does not make"
        raise UsageError("not-in-locust", message, "Measure it with --workers N.")
    texts = spoken(spec.texts, 0, spec.requests)
    text = locustfile(spec.call, (make_request(spec.call, row) for row in texts), spec.timeout)
    commands = (
        _command(file, url, load.clients, spec.workers)
        for url in by_side.values()
        for load in spec.loads
    )
    return LocustScenario(text, spec.requests, tuple(commands))


def _command(file: Path, url: str, clients: int, workers: int) -> str:
    several = ("--processes", str(workers)) if workers > 1 else ()
    users = ("-u", str(clients), "-r", str(clients), "-t", "60s")
    return typed("locust", "-f", file, "--host", url, "--headless", *users, *several)
