"""`ttsopt bench` over HTTP: options into the terms of the benchmark, and what it prints."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttsopt.cli import bench_asked
from ttsopt.cli.outcome import INTERRUPTED, Outcome, interruption
from ttsopt.errors import UsageError

if TYPE_CHECKING:
    from ttsopt.bench.report.model import BenchReport
    from ttsopt.bench.serve.spec import Load, Slo
    from ttsopt.bench.spec import BenchSpec
    from ttsopt.operations.bench.serve import ServeAsked, Served
    from ttsopt.operations.planning import PlanRequest

HERE = Path()
# Of a benchmark that runs the checkout's code itself, in the order of docs/cli.md.
NOT_OVER_HTTP = (
    *("-p", "--patch", "--system", "--root", "--effect", "--device", "--all", "--set", "--force", "--patch-file"),
    *("--catalog", "--installed", "--python", "--aa", "--against", "--each", "--explain", "--resident", "--floor"),
    *("--weights", "--size", "--hot", "--stream", "--threads", "--time-limit", "--metric"),
    *("--max-load", "--max-memory", "--save-audio", "--profile"),
)  # fmt: skip
# Of a benchmark that does not start the system's own server.
NOT_OF_ITS_OWN = (
    *("--each", "--explain", "--floor", "--hot"),
    *("--max-load", "--save-audio", "--profile", "--request", "--voice", "--locustfile"),
)  # fmt: skip
OF_REQUESTS = (
    "--request",
    "--voice",
    "--requests",
    "--rate",
    "--arrivals",
    "--slo",
    "--workers",
    "--locustfile",
    "--request-timeout",
)
_SLO = re.compile(r"(ttfa-)?p(50|90|95|99)<([0-9.]+)(ms|s)")
MOST_RATE = 10_000.0


def refuse_options(argv: Sequence[str], options: Sequence[str] = NOT_OVER_HTTP) -> None:
    """See that no option of the other kind of benchmark was typed.

    Raises:
        UsageError: `not-over-http`.
    """
    typed = (word for word in argv if word.startswith("-"))
    given = {word.partition("=")[0] if word.startswith("--") else word[:2] for word in typed}
    for option in options:
        if option in given:
            message = f"{option}: a server that is measured over HTTP has no such thing"
            raise UsageError("not-over-http", message, "Leave one of them out.")


def need_servers(argv: Sequence[str]) -> None:
    """See that no option about requests was typed where none are sent.

    Raises:
        UsageError: `no-server`.
    """
    given = {word.partition("=")[0] for word in argv}
    for option in (one for one in OF_REQUESTS if one in given):
        message = f"{option} is about requests to a server, and none is named"
        raise UsageError("no-server", message, "Add --serve or --http URL.")


def asked(
    *,
    request: str,
    texts: tuple[list[str], Path | None],
    concurrency: str,
    rate: str,
    blocks: int | None,
    slo: str,
    **others: Any,
) -> ServeAsked:
    """Decode what was typed; `others` are as `ServeAsked` has them.

    Raises:
        UsageError: Numbers or a service level that cannot be read.
    """
    from ttsopt.operations.bench.serve import ServeAsked

    usual = ServeAsked()
    return ServeAsked(
        request=request or usual.request,
        texts=bench_asked.texts(*texts),
        loads=loads(concurrency, rate),
        blocks=blocks or min(usual.blocks, others["requests"]),
        slo=service_level(slo) if slo else None,
        **others,
    )


def loads(concurrency: str, rate: str) -> tuple[Load, ...]:
    """Return the levels: clients, then rates; one client where nothing was typed."""
    from ttsopt.bench.serve.spec import Load

    rates = [Load(rate=number) for number in _rates(rate)]
    if rates and concurrency == "1":
        return tuple(rates)
    return (*(Load(clients=count) for count in bench_asked.levels(concurrency)), *rates)


def service_level(typed: str) -> Slo:
    """Return a service level such as `p95<2s` or `ttfa-p50<300ms`.

    Raises:
        UsageError: `bad-slo`.
    """
    from ttsopt.bench.serve.spec import Slo

    found = _SLO.fullmatch(typed.replace(" ", "").lower())
    try:
        seconds = float(found[3]) * (0.001 if found[4] == "ms" else 1) if found else 0.0
    except ValueError:
        seconds = 0.0
    if not found or not seconds > 0:
        hint = 'A percentile of 50, 90, 95 or 99 and a limit: "p95<2s"; of the first audio: "ttfa-p95<500ms".'
        raise UsageError("bad-slo", f"--slo {typed} cannot be read", hint)
    return Slo(typed, int(found[2]), seconds, bool(found[1]))


def urls(http: list[str], directory: Path) -> tuple[str, ...]:
    """Return the addresses: `--http A B` leaves B where a checkout's folder stands, and a slash less in it."""
    if directory == HERE:
        return tuple(http)
    return (*http, re.sub(r"^(https?:)/+", r"\1//", directory.as_posix()))


def bench_http(
    http: list[str], directory: Path, asked: ServeAsked, save: Path | None, report: Path | None
) -> Outcome:
    """Measure one running server, or two."""
    from ttsopt.cli.text import say
    from ttsopt.operations.bench.serve import serve_http

    tell = partial(say, err=True)
    return shown(lambda: serve_http(urls(http, directory), asked, tell), save, report)


def write_locustfile(http: list[str], directory: Path, asked: ServeAsked, file: Path) -> Outcome:
    """Write the scenario for Locust; nothing is measured."""
    from ttsopt.cli.files import write_text
    from ttsopt.cli.text import print_lines
    from ttsopt.operations.bench.locust import locust_scenario

    scenario = locust_scenario(urls(http, directory), asked, file)
    write_text(file, scenario.text)
    data = {"locustfile": str(file), "requests": scenario.requests, "next": list(scenario.next)}
    lines = (f"{file}: {scenario.requests} requests", *(f"  {line}" for line in scenario.next))
    return Outcome(data, partial(print_lines, lines))


def bench_serve(
    plan: PlanRequest, spec: BenchSpec, asked: ServeAsked, save: Path | None, report: Path | None
) -> Outcome:
    """Measure a system's own server, started before and after."""
    from ttsopt.cli.text import say
    from ttsopt.operations.bench.serve_system import serve_system

    tell = partial(say, err=True)
    return shown(lambda: serve_system(plan, spec, asked, tell), save, report)


def shown(measure: Callable[[], Served], save: Path | None, written: Path | None) -> Outcome:
    """Measure, write what is to be written, and return what is printed."""
    from ttsopt.bench.serve.report import serve_report
    from ttsopt.cli.files import check_writable, write_text
    from ttsopt.cli.report_files import write_report
    from ttsopt.cli.show_bench import gate_error
    from ttsopt.operations.bench.report import benchmark_json

    for file in filter(None, (save, written)):
        check_writable(file)
    done = measure()
    report = serve_report(dict(done.data))
    if save:
        write_text(save, benchmark_json(done.data))
    write_report(report, written)
    if done.result.interrupted:
        return Outcome(done.data, partial(show_served, report), interruption(), INTERRUPTED)
    error = done.failure or gate_error(done.data, done.exit_code)
    return Outcome(done.data, partial(show_served, report), error, done.exit_code)


def show_served(report: BenchReport) -> None:
    """Print the headline, the tables, and the sentences."""
    from ttsopt.cli.text import print_lines, table

    print_lines([report.headline, *report.about, ""])
    for one in report.tables:
        table(one.header, one.rows)
    print_lines(line for section in report.sections for line in section.lines)


def _rates(typed: str) -> list[float]:
    """Read rates above 0, with commas between them."""
    rates = []
    for part in filter(None, typed.split(",")):
        try:
            rates.append(float(part))
        except ValueError:
            rates.append(0.0)
    if not all(0 < rate <= MOST_RATE for rate in rates):
        message = f"--rate {typed}: requests a second were expected"
        raise UsageError("bad-rate", message, "One number above 0, or several: 0.5,1,2.")
    return rates
