"""Options of `ttsopt bench` over HTTP, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ttsopt.domain.arrivals import Arrivals

Serve = Annotated[
    bool,
    typer.Option("--serve", help="The system's own server, started before and after, over HTTP."),
]
Http = Annotated[
    list[str],
    typer.Option(
        "--http",
        metavar="URL [URL]",
        help="A running server of speech, or the one before and the one after, in turn.",
    ),
]
RequestFile = Annotated[
    str,
    typer.Option(
        "--request",
        metavar="openai|FILE",
        help="With --http: how the server is asked, built in or a template in TOML.",
        show_default="openai",
    ),
]
Voice = Annotated[
    str, typer.Option("--voice", help="With --http: the name of a voice, for {voice}.")
]
Requests = Annotated[
    int, typer.Option("--requests", min=1, help="Over HTTP: requests a side and level.")
]
Rate = Annotated[
    str,
    typer.Option(
        "--rate",
        metavar="R[,R...]",
        help="Over HTTP: requests a second, whatever the server does; else --concurrency clients.",
    ),
]
ByArrivals = Annotated[
    Arrivals, typer.Option("--arrivals", help="With --rate: how requests are spread over time.")
]
ServiceLevel = Annotated[
    str,
    typer.Option(
        "--slo",
        metavar="LEVEL",
        help='Over HTTP: find the highest rate that keeps it, such as "p95<2s", "ttfa-p95<500ms".',
    ),
]
Workers = Annotated[
    int,
    typer.Option("--workers", min=1, max=64, help="Over HTTP: client processes that send."),
]
LocustFile = Annotated[
    Path | None,
    typer.Option(
        "--locustfile",
        metavar="FILE",
        help="With --http: write the same requests for Locust, and measure nothing.",
    ),
]
RequestTimeout = Annotated[
    float,
    typer.Option("--request-timeout", metavar="SECONDS", help="Over HTTP: for one request."),
]
