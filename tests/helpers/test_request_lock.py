"""The helper that has requests, or calls, wait for each other: with an application of the test's own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HELPERS = Path(__file__).parents[2] / "patches" / "_helpers"
BODY = {"type": "http.request", "body": b"text", "more_body": False}
GONE = {"type": "http.disconnect"}


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(HELPERS))
    return import_module("ttsopt_request_lock")


class Server:
    """An application that speaks two pieces a request, each when the test lets it; and what it was asked."""

    def __init__(self, helper: ModuleType) -> None:
        self.log: list[str] = []
        self.go = asyncio.Semaphore(0)
        self.fails = False
        self.app = helper.one_request_at_a_time(self.speak, ["/tts"])

    async def speak(self, scope: Any, receive: Any, send: Any) -> None:
        name = scope.get("name", "?")
        self.log.append(f"{name} begins")
        body = await receive() if scope["type"] == "http" else BODY
        while body.get("more_body"):
            body = await receive()
        if self.fails:
            raise ValueError(name)
        for piece in (1, 2):
            gone = asyncio.ensure_future(receive())
            ready = asyncio.ensure_future(self.go.acquire())
            done, open_ = await asyncio.wait({gone, ready}, return_when=asyncio.FIRST_COMPLETED)
            for one in open_:
                one.cancel()
            if gone in done:
                self.log.append(f"{name} was left: {gone.result()['type']}")
                return
            await send({"type": "http.response.body", "body": b"%d" % piece})
            self.log.append(f"{name} {piece}")

    def asks(self, name: str, *messages: Any, path: str = "/tts") -> tuple[Any, Any]:
        """Begin a request; its task, and the queue of what its client sends further."""
        sent: asyncio.Queue[Any] = asyncio.Queue()
        for message in messages or (BODY,):
            sent.put_nowait(message)

        async def send(_: Any) -> None: ...

        scope = {"type": "http", "path": path, "name": name}
        return asyncio.ensure_future(self.app(scope, sent.get, send)), sent


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_requests_are_served_one_by_one_in_the_order_of_their_coming(helper: ModuleType) -> None:
    async def story() -> None:
        server = Server(helper)
        tasks = [server.asks(name)[0] for name in "abc"]
        for _ in range(6):
            server.go.release()
        await asyncio.gather(*tasks)
        assert server.log == [f"{name} {what}" for name in "abc" for what in ("begins", "1", "2")]

    asyncio.run(story())


def test_other_paths_and_other_kinds_do_not_wait(helper: ModuleType) -> None:
    async def story() -> None:
        server = Server(helper)
        first, _ = server.asks("a")
        await settled()
        other, _ = server.asks("control", path="/control")
        socket = asyncio.ensure_future(
            server.app({"type": "lifespan", "name": "start"}, asyncio.Queue().get, None)
        )
        await settled()
        assert server.log == ["a begins", "control begins", "start begins"]
        for task in (first, other, socket):
            task.cancel()

    asyncio.run(story())


def test_a_client_that_leaves_its_stream_lets_the_next_begin(helper: ModuleType) -> None:
    async def story() -> None:
        server = Server(helper)
        (_, first), (second, _) = server.asks("a"), server.asks("b")
        server.go.release()
        await settled()
        first.put_nowait(GONE)
        await settled()
        assert server.log == ["a begins", "a 1", "a was left: http.disconnect", "b begins"]
        second.cancel()

    asyncio.run(story())


def test_a_client_that_leaves_while_it_waits_is_never_served(helper: ModuleType) -> None:
    async def story() -> None:
        server = Server(helper)
        tasks, senders = zip(*(server.asks(name) for name in "abc"), strict=True)
        await settled()
        senders[1].put_nowait(GONE)
        await settled()
        assert tasks[1].done()
        for _ in range(4):
            server.go.release()
        await asyncio.gather(*tasks)
        assert server.log == [f"{name} {what}" for name in "ac" for what in ("begins", "1", "2")]

    asyncio.run(story())


def test_a_failure_and_a_cancelled_wait_give_the_turn_on(helper: ModuleType) -> None:
    async def story() -> None:
        server = Server(helper)
        server.fails = True
        tasks = [server.asks(name)[0] for name in "abc"]
        await asyncio.sleep(0)
        tasks[1].cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(one) for one in answers] == [
            ValueError,
            asyncio.CancelledError,
            ValueError,
        ]
        assert server.log == ["a begins", "c begins"]

    asyncio.run(story())


def test_what_a_waiting_client_sent_is_handed_on(helper: ModuleType) -> None:
    """A body in pieces, read ahead while it waits, and its going afterwards."""

    async def story() -> None:
        server = Server(helper)
        parts = [{**BODY, "more_body": True}, {**BODY, "more_body": True}, BODY]
        (first, _), (second, sender) = server.asks("a"), server.asks("b", *parts)
        await settled()
        for _ in range(3):
            server.go.release()
        await settled()
        sender.put_nowait(GONE)
        await asyncio.gather(first, second)
        assert server.log[3:] == ["b begins", "b 1", "b was left: http.disconnect"]
        assert len(asyncio.all_tasks()) == 1  # no read is left behind

    asyncio.run(story())


def test_a_waiting_body_is_read_ahead_to_a_limit(helper: ModuleType) -> None:
    async def story() -> None:
        server = Server(helper)
        part = {"type": "http.request", "body": b"x" * (1 << 19), "more_body": True}
        first, _ = server.asks("a")
        _, sender = server.asks("b", *[part] * 9)
        await settled()
        assert sender.qsize() == 7
        first.cancel()

    asyncio.run(story())


def test_it_can_be_turned_off_at_any_time(
    helper: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        server = Server(helper)
        server.asks("a")
        await settled()
        monkeypatch.setenv("TTSOPT_REQUEST_LOCK", "0")
        server.asks("b")
        await settled()
        assert server.log == ["a begins", "b begins"]

    asyncio.run(story())


class Voice:
    """What is asked of it at once is counted."""

    def __init__(self) -> None:
        self.now = self.most = 0

    def speak(self, seconds: float) -> str:
        """Speak."""
        self.now += 1
        self.most = max(self.most, self.now)
        threading.Event().wait(seconds)
        self.now -= 1
        return f"{seconds}"


def test_calls_on_one_object_wait_and_those_on_two_do_not(
    helper: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak = helper.one_call_at_a_time(Voice.speak)
    assert (speak.__name__, speak.__doc__) == ("speak", "Speak.")
    one, meeting = Voice(), threading.Barrier(2, timeout=20)

    def meet(self: Voice) -> int:
        return meeting.wait()

    meet.__qualname__ = "Voice.meet"
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: speak(one, 0.01), range(4))) == {"0.01"}
        assert one.most == 1
        both = helper.one_call_at_a_time(meet)
        assert sorted(pool.map(both, (Voice(), Voice()))) == [0, 1]  # else it breaks
        monkeypatch.setenv("TTSOPT_REQUEST_LOCK", "off")
        assert sorted(pool.map(both, (one, one))) == [0, 1]


def test_plain_functions_share_one_lock(helper: ModuleType) -> None:
    busy = Voice()

    def synthesize() -> str:
        return busy.speak(0.01)

    def convert() -> str:
        return busy.speak(0.01)

    synthesize.__qualname__, convert.__qualname__ = "synthesize", "convert"
    made = [helper.one_call_at_a_time(one) for one in (synthesize, convert)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one(), made * 3))
    assert busy.most == 1
