"""A server of speech for tests: standard library, one request at a time, behaviours put in by name.

Runs in a thread of the test. It answers in the order in which connections came, so that its queue is first come,
first served; each answer closes its connection.
"""

from __future__ import annotations

import io
import json
import math
import socketserver
import threading
import time
import wave
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

RATE = 8000


def tone(seconds: float, *, silent: bool = False) -> bytes:
    """16-bit samples that no check finds fault with."""
    count = round(seconds * RATE)
    level = 0.0 if silent else 0.3
    samples = [
        round(32767 * level * math.sin(i / (4 + i % 97 / 97)) * (0.5 + i % 801 / 1602))
        for i in range(count)
    ]
    return array("h", samples).tobytes()


def wav(data: bytes, rate: int = RATE) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data)
    return made.getvalue()


def endless(rate: int = RATE) -> bytes:
    """The header of a WAV whose length nobody knows yet."""
    return wav(b"", rate)


@dataclass
class Seen:
    """One request as the server saw it: when it was taken up and done, path, headers, body."""

    began: float
    path: str
    headers: dict[str, str]
    body: bytes
    ended: float = 0.0

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


Act = Callable[["Handler", int], None]


class Handler(BaseHTTPRequestHandler):
    server: Server
    disable_nagle_algorithm = True  # else the body waits for the headers to be acknowledged

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        seen = Seen(time.perf_counter(), self.path, dict(self.headers), self.rfile.read(length))
        self.server.seen.append(seen)
        try:
            self.server.act(self, len(self.server.seen) - 1)
        finally:
            seen.ended = time.perf_counter()

    do_GET = do_POST  # noqa: N815

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, parts: list[tuple[float, bytes]]) -> None:
        """Send each part after a pause; the end of the connection is that of the sound."""
        self.send_response(200)
        self.end_headers()
        for pause, part in parts:
            time.sleep(pause)
            self.wfile.write(part)
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing on standard error."""


class Server(HTTPServer):
    request_queue_size = 256

    def __init__(self, act: Act) -> None:
        self.act = act
        self.seen: list[Seen] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class Threaded(socketserver.ThreadingMixIn, Server):
    daemon_threads = True


@contextmanager
def speech_server(act: Act, *, threads: bool = False) -> Iterator[Server]:
    made = Threaded(act) if threads else Server(act)
    thread = threading.Thread(
        target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()
        thread.join(5)


# ---- behaviours ----


def speak(seconds: float = 0.3, takes: float = 0.0) -> Act:
    body = wav(tone(seconds))

    def act(handler: Handler, _: int) -> None:
        time.sleep(takes)
        handler.answer(body)

    return act


def queue(takes: float) -> Act:
    """Serve one after the other, each for so long by the clock: how late threads wake does not add up."""
    body, lock, free = wav(tone(0.2)), threading.Lock(), 0.0

    def act(handler: Handler, _: int) -> None:
        nonlocal free
        with lock:
            free = ends = max(free, time.perf_counter()) + takes
        time.sleep(max(0.0, ends - time.perf_counter()))
        handler.answer(body)

    return act


def after(count: int, act: Act, before: Act | None = None) -> Act:
    """Behave well for so many requests, then otherwise."""
    well = before or speak()
    return lambda handler, number: (well if number < count else act)(handler, number)


def hang(handler: Handler, _: int) -> None:
    time.sleep(1.5)


def fail(handler: Handler, _: int) -> None:
    handler.answer(b"out of memory \x1b[31m", 500)


def half(handler: Handler, _: int) -> None:
    """Half of a WAV, and the end of the connection."""
    body = wav(tone(0.5))
    handler.stream([(0, body[: len(body) // 2])])


def silence(handler: Handler, _: int) -> None:
    handler.answer(wav(tone(1.5, silent=True)))


def die(handler: Handler, _: int) -> None:
    """Close the connection without a word."""
    handler.close_connection = True


def gradio(*, fails: bool = False) -> Act:
    """What Gradio's API does: an upload, a call, its event, the file that it made."""
    body = wav(tone(0.3))

    def act(handler: Handler, _: int) -> None:
        path = handler.path.removeprefix("/gradio_api")
        if path == "/upload":
            handler.answer(b'["/tmp/gradio/voice.wav"]')
        elif path == "/call/speak":
            handler.answer(b'{"event_id": "7f"}')
        elif path == "/call/speak/7f" and fails:
            handler.stream([(0, b'event: error\ndata: "no such voice"\n\n')])
        elif path == "/call/speak/7f":
            said = b'[{"path": "/tmp/a b.wav", "url": "http://elsewhere/"}, "done"]'
            handler.stream([(0, b"event: heartbeat\ndata: null\n\n")])
            handler.wfile.write(b"event: complete\ndata: " + said + b"\n\n")
        elif path == "/file=/tmp/a%20b.wav":
            handler.answer(body)
        else:
            handler.answer(b"", 404)

    return act


def redirect(handler: Handler, _: int) -> None:
    handler.answer(b"", 302, Location="http://127.0.0.1:9/elsewhere")


def refuse_json(handler: Handler, _: int) -> None:
    handler.answer(b'{"message": "tts failed"}', Content_Type="application/json")
