"""Sends one request over HTTP and keeps when what came back; every answer is hostile, and bounded."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
import httpx

from ttsopt.bench.serve.exchange import LONGEST_WORDS, MOST_ROWS, Exchange
from ttsopt.bench.serve.gradio import NoAnswerError, ask
from ttsopt.bench.serve.request import Request
from ttsopt.bench.serve.spec import MOST_ANSWER

OK = range(200, 300)


@dataclass(slots=True)
class Wire:
    """An open client of one server for one block that begins at `began` of `time.perf_counter`.

    `room`: the bytes that its answers may still take together.
    """

    client: httpx.AsyncClient
    url: str
    timeout: float
    began: float
    room: int

    def now(self) -> float:
        """Seconds since the block began."""
        return time.perf_counter() - self.began


@dataclass(slots=True)
class _Body:
    """Bytes as they come."""

    data: bytearray = field(default_factory=bytearray)
    arrivals: list[tuple[float, int]] = field(default_factory=list)

    def add(self, when: float, chunk: bytes) -> None:
        self.data += chunk
        if len(self.arrivals) < MOST_ROWS:
            self.arrivals.append((when, len(self.data)))
        else:  # a byte at a time: the last row stands for the rest
            self.arrivals[-1] = (when, len(self.data))


@asynccontextmanager
async def wire(url: str, timeout: float, began: float, room: int) -> AsyncIterator[Wire]:
    """Open a client without a limit on connections, which would be a queue of its own.

    Nothing is taken from the environment: no proxy, and no credential of a .netrc.
    """
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(
        timeout=timeout, limits=limits, follow_redirects=False, trust_env=False
    ) as client:
        yield Wire(client, url, timeout, began, room)


async def send(wire: Wire, request: Request, due: float | None = None) -> Exchange:
    """Send a request that was due then (None: now), and read its answer to the end, or for `timeout` seconds."""
    body, sent = _Body(), wire.now()
    made = Exchange(request.text, sent if due is None else due, sent, sent)
    try:
        with anyio.fail_after(wire.timeout):
            made = await _answer(wire, request, made, body)
    except TimeoutError:
        made = _failed(made, "timeout", f"no whole answer within {wire.timeout:g} s")
    except httpx.TransportError as error:
        made = _failed(made, *_kind(error, body))
    return replace(
        made,
        ended=wire.now() if made.failure else made.ended,
        arrivals=tuple(body.arrivals),
        body=b"" if made.failure else bytes(body.data),
    )


async def _answer(wire: Wire, request: Request, made: Exchange, body: _Body) -> Exchange:
    call = request.call
    if request.gradio:
        return await _of_gradio(wire, request, made, body)
    return await _read(
        wire,
        made,
        body,
        request.method,
        request.path,
        params=dict(request.query) or None,
        json=request.json,
        data=dict(request.form) or None,
        files=dict(call.files) or None,
        headers=call.headers,
    )


async def _of_gradio(wire: Wire, request: Request, made: Exchange, body: _Body) -> Exchange:
    """Call a function of Gradio; the body is the file that it made."""
    headers = request.call.headers

    async def step(method: str, path: str, **what: Any) -> bytes:
        part = _Body()
        done = await _read(wire, made, part, method, path, headers=headers, **what)
        if done.failure:
            raise _StepError(done)
        return bytes(part.data)

    try:
        path = await ask(step, request.path, request.gradio, request.json or {}, request.call.files)
    except _StepError as error:
        return error.made
    except NoAnswerError as error:
        return _failed(made, "function", str(error))
    return await _read(wire, made, body, "GET", path, headers=headers)


class _StepError(Exception):
    def __init__(self, made: Exchange) -> None:
        self.made = made


async def _read(
    wire: Wire,
    made: Exchange,
    body: _Body,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str],
    **what: Any,
) -> Exchange:
    """Send one request, and read its answer into `body`."""
    async with wire.client.stream(
        method, wire.url + path, headers={"Accept-Encoding": "identity", **headers}, **what
    ) as response:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            return _failed(made, "encoded", "the answer is compressed, which was not asked for")
        async for chunk in response.aiter_raw():
            body.add(wire.now(), chunk)
            wire.room -= len(chunk)
            if len(body.data) > MOST_ANSWER or wire.room < 0:
                return _failed(made, "too-large", f"more than {len(body.data)} bytes")
        made = replace(made, ended=wire.now())  # before the connection is put away, or closed
    if response.status_code not in OK:
        return _failed(made, f"http-{response.status_code}", _said(body))
    return made


def _kind(error: httpx.TransportError, body: _Body) -> tuple[str, str]:
    """Return the word for what went wrong with a connection, and more of it."""
    if isinstance(error, httpx.TimeoutException):
        return "timeout", "the connection stood still"
    if isinstance(error, httpx.ConnectError):
        return "refused", str(error)
    if body.data:
        return "truncated", f"the connection ended after {len(body.data)} bytes"
    return "disconnected", str(error) or type(error).__name__


def _said(body: _Body) -> str:
    """Return the first words of an answer that is no sound."""
    return bytes(body.data[:LONGEST_WORDS]).decode("utf-8", "replace")


def _failed(made: Exchange, failure: str, words: str) -> Exchange:
    return replace(made, failure=failure, words=words[:LONGEST_WORDS])
