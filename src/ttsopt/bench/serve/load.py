"""Load on one server: a block of requests by clients that ask again, or by a timetable."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial

import anyio

from ttsopt.bench.serve.exchange import Exchange
from ttsopt.bench.serve.request import Request
from ttsopt.bench.serve.spec import MOST_BLOCK
from ttsopt.bench.serve.transport import Wire, send, wire

# So many failures one after the other: the server is gone, and the rest of a block would only wait.
GIVE_UP = 8
# Open requests of one client process; each is a socket, and 1024 are a usual limit.
MOST_OPEN = 500


def send_block(
    url: str,
    requests: Sequence[Request],
    timeout: float,
    *,
    clients: int = 0,
    due: Sequence[float] = (),
    began: float | None = None,
    room: int = MOST_BLOCK,
) -> tuple[Exchange, ...]:
    """Send the requests, each when it is `due` (seconds from the start), or by so many `clients`; wait for all.

    In the order in which they ended. Fewer than there are requests where the last ones all failed. The start is
    `began` of `time.perf_counter`, or now; answers may take `room` bytes together.
    """
    start = time.perf_counter() if began is None else began
    way = partial(wire, url, timeout, start, room)
    made: tuple[Exchange, ...] = anyio.run(partial(_block, way, requests, clients, due))
    return made


async def _block(
    way: Callable[[], AbstractAsyncContextManager[Wire]],
    requests: Sequence[Request],
    clients: int,
    due: Sequence[float],
) -> tuple[Exchange, ...]:
    done: list[Exchange] = []
    async with way() as opened:
        await anyio.sleep(max(0.0, -opened.now()))
        if clients:
            await _closed(opened, requests, clients, done)
        else:
            await _open(opened, requests, due, done)
    return tuple(done)


async def _closed(
    opened: Wire, requests: Sequence[Request], clients: int, done: list[Exchange]
) -> None:
    waiting = iter(requests)

    async def client() -> None:
        for request in waiting:
            done.append(await send(opened, request))
            if _is_gone(done):
                return

    async with anyio.create_task_group() as group:
        for _ in range(clients):
            group.start_soon(client)


async def _open(
    opened: Wire, requests: Sequence[Request], due: Sequence[float], done: list[Exchange]
) -> None:
    under_way = 0

    async def one(request: Request, when: float) -> None:
        nonlocal under_way
        done.append(await send(opened, request, when))
        under_way -= 1

    async with anyio.create_task_group() as group:
        for request, when in zip(requests, due, strict=True):
            await anyio.sleep(max(0.0, when - opened.now()))
            if _is_gone(done):
                return
            if under_way >= MOST_OPEN:
                done.append(_not_sent(request, when, opened))
                continue
            under_way += 1
            group.start_soon(one, request, when)


def _is_gone(done: Sequence[Exchange]) -> bool:
    return len(done) >= GIVE_UP and all(row.failure for row in done[-GIVE_UP:])


def _not_sent(request: Request, when: float, opened: Wire) -> Exchange:
    now = opened.now()
    words = f"{MOST_OPEN} requests were open already"
    return Exchange(request.text, when, now, now, "overload", words)
