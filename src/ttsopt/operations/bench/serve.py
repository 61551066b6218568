"""Bench over HTTP: check what was asked, read the request's template, measure servers that run, judge."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from ttsopt.bench.gates.judge import exit_code
from ttsopt.bench.serve.data import serve_data
from ttsopt.bench.serve.gates import complaint, judge
from ttsopt.bench.serve.kept import Sounds
from ttsopt.bench.serve.request import Call
from ttsopt.bench.serve.result import ServeResult
from ttsopt.bench.serve.spec import Sending, Server, ServeSpec
from ttsopt.boundary.scratch import scratch_folder
from ttsopt.domain.measurement import Side
from ttsopt.domain.text_set import TextSet
from ttsopt.environment.machine import fingerprint_machine
from ttsopt.errors import CannotRunError, TtsoptError, UsageError
from ttsopt.operations.bench.hearing import check_recogniser
from ttsopt.operations.bench.serve_heard import judge_answers, open_ear
from ttsopt.operations.bench.serve_request import read_call
from ttsopt.operations.bench.texts import own_texts, text_set, warm_up

if TYPE_CHECKING:
    from ttsopt.bench.serve.run import Runner, Tell, Up

SIDES = {1: (Side.AFTER,), 2: (Side.BEFORE, Side.AFTER)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeAsked(Sending):
    """A benchmark over HTTP as it was asked for.

    `request` is a word of `BUILT_IN` or the path of a template. `{voice}` is `voice` or the path of
    `prompt_audio`.
    """

    request: str = "openai"
    voice: str = ""
    prompt_audio: Path | None = None
    prompt_text: str = ""
    texts: tuple[str, ...] = ()
    text_set: TextSet = TextSet.SHORT


@dataclass(frozen=True, slots=True)
class Served:
    """A judged run over HTTP; `failure`: why it does not count as whole, if so."""

    result: ServeResult
    data: Mapping[str, Any]
    exit_code: int
    failure: TtsoptError | None = None


def serve_http(urls: tuple[str, ...], asked: ServeAsked, tell: Tell) -> Served:
    """Measure one running server, or two in turn.

    Raises:
        UsageError: An address, a template or a number that makes no sense.
        CannotRunError: No client is installed, or a server answers nothing.
    """
    by_side, spec = addresses(urls), asked_spec(asked)
    with scratch_folder("serve") as work:
        recogniser = open_ear(spec, work)
        runner = open_runner(
            spec, tuple(by_side), lambda side: nullcontext(Server(by_side[side], spec.call)), tell
        )
        runner.sounds = Sounds(work / "sounds") if recogniser or len(by_side) > 1 else None
        levels = runner.run()
        tell("looking at what came back")
        result = ServeResult(spec, by_side, levels, interrupted=runner.interrupted)
        result = judge_answers(result, runner.again, recogniser)
    return concluded(result)


def addresses(urls: tuple[str, ...]) -> dict[Side, str]:
    """Return the addresses by side; one alone is that of the after side.

    Raises:
        UsageError: `bad-url`.
    """
    if len(urls) not in SIDES:
        message = f"{len(urls)} servers: one is measured alone, two are compared"
        raise UsageError("bad-url", message, "--http URL, or --http URL_BEFORE URL_AFTER.")
    return dict(zip(SIDES[len(urls)], map(check_url, urls), strict=True))


def asked_spec(asked: ServeAsked) -> ServeSpec:
    """Return the spec of a run on servers that are there already.

    Raises:
        UsageError: A template or a number that makes no sense.
    """
    call = read_call(asked.request, asked.voice, asked.prompt_audio, asked.prompt_text)
    return make_spec(asked, call)


def make_spec(asked: ServeAsked, call: Call, languages: Collection[str] = ()) -> ServeSpec:
    """Return the spec of a run; ttsopt's own texts are of these `languages`, or of all.

    Raises:
        UsageError: A number or a recogniser that makes no sense.
    """
    _check_numbers(asked)
    recogniser = check_recogniser(asked.recogniser, asked.limits)
    texts = own_texts(asked.texts) or text_set(asked.text_set, languages)
    sending = {one.name: getattr(asked, one.name) for one in fields(Sending)}
    sending["recogniser"] = recogniser
    return ServeSpec(call=call, texts=texts, warm_up=warm_up(languages), **sending)


def open_runner(
    spec: ServeSpec, sides: tuple[Side, ...], up: Up, tell: Tell, *, fresh: bool = False
) -> Runner:
    """Return what sends the requests; `up` gives a side's address for as long as a block takes.

    Raises:
        CannotRunError: `no-client`: httpx or anyio is not installed.
    """
    try:
        from ttsopt.bench.serve.run import Runner
    except ImportError as error:
        message = f"a client for HTTP cannot be imported: {error}"
        raise CannotRunError("no-client", message, 'pip install "ttsopt[http]"') from error
    return Runner(spec, sides, up, tell, fresh)


def concluded(result: ServeResult, more: Mapping[str, Any] | None = None) -> Served:
    """Judge a run, and make its data; `more` is what else the caller knows of it."""
    judged = replace(result, gates=judge(result))
    failure = _silent_side(judged) or judged.failure or complaint(judged)
    code = failure.exit_code if failure else exit_code(judged.gates, result.spec.limits.undecided)
    return Served(judged, {**serve_data(judged), **_where(), **(more or {})}, code, failure)


def check_url(url: str) -> str:
    """Return an address without the slash at its end.

    Raises:
        UsageError: It is no address of a server, or holds a password or a query.
    """
    parts = _parts(url)
    if parts is None or not url.isprintable() or parts.query or parts.fragment:
        hint = "Give scheme, host and port: http://127.0.0.1:8000; the template holds the path."
        raise UsageError("bad-url", f"{url!r} is no address of a server", hint)
    if "@" in parts.netloc:
        hint = 'Put it into a header of the template: Authorization = "Bearer {env:NAME}".'
        raise UsageError("bad-url", "an address with a user or a password would be printed", hint)
    return url.rstrip("/")


def _parts(url: str) -> SplitResult | None:
    """An address in parts; None where it is none of HTTP, or its port is no number."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        return None
    return parts if is_one else None


def _check_numbers(asked: ServeAsked) -> None:
    numbers = dict(asked.limits.options())
    numbers |= {"--request-timeout": asked.timeout, "--budget": asked.budget}
    for option, value in numbers.items():
        if value is not None and not value > 0:
            raise UsageError(
                "bad-limit", f"{option} {value:g} is no limit", "Give a number above 0."
            )
    if asked.blocks > asked.requests:
        message = f"{asked.requests} requests cannot be sent in {asked.blocks} blocks"
        raise UsageError("too-few-requests", message, "Take more --requests, or fewer --rounds.")
    least = math.ceil(100 / (100 - asked.slo.percent)) if asked.slo else 1
    if asked.requests < least and asked.slo:
        message = f"--slo {asked.slo.asked}: of {asked.requests} requests no P{asked.slo.percent} can be told"
        raise UsageError("too-few-requests", message, f"Take --requests {least} or more.")


def _silent_side(result: ServeResult) -> CannotRunError | None:
    """Return the error of a side none of whose answers could be timed."""
    from ttsopt.bench.serve.run import no_answer

    for side, url in result.urls.items():
        answers = result.answers(side)
        if answers and all(row.failure for row in answers):
            return no_answer(side, url, answers)
    return None


def _where() -> dict[str, Any]:
    return {
        "environment": {"machine": asdict(fingerprint_machine())},
        "ttsopt": version("ttsopt"),
        "date": datetime.now(UTC).date().isoformat(),
    }
