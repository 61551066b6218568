"""Have requests that share the state of one model wait for each other.

Laid out by ttsopt beside the file that uses it; needs Python 3.8 alone. TTSOPT_REQUEST_LOCK=0 in the environment
lets requests run at once as shipped, and is read at every request.
"""

import asyncio
import functools
import os
import threading
import weakref
from collections import deque

SWITCH = "TTSOPT_REQUEST_LOCK"
_OFF = {"0", "off", "no", "false"}
_READ_AHEAD = 1 << 20  # bytes of a waiting request's body; the rest is left with the server
_WEB = threading.RLock()


def one_request_at_a_time(app, paths):
    """Return an ASGI application that serves one request to `paths` at a time, in the order of their coming.

    Its turn ends when its response is sent to the end (a stream's last piece), when it fails, or when its client
    is gone. One whose client goes while it waits is never begun. Other paths do not wait. For `add_middleware`.
    """
    paths, locks = frozenset(paths), []

    async def served(scope, receive, send):
        if scope["type"] != "http" or scope["path"] not in paths or _is_off():
            await app(scope, receive, send)
            return
        if (
            not locks
        ):  # not before there is a loop: Python 3.8 and 3.9 bind a lock to the one at hand
            locks.append(asyncio.Lock())
        client = _Client(receive)
        try:
            if await _has_turn(locks[0], client):
                try:
                    await app(scope, client.receive, send)
                finally:
                    locks[0].release()
        finally:
            client.close()

    return served


def one_call_at_a_time(function):
    """Decorate a method: calls on one object wait for each other. Plain functions so decorated share one lock."""
    locks, guard = weakref.WeakKeyDictionary(), threading.Lock()
    is_method = "." in function.__qualname__.rpartition("<locals>.")[2]

    def lock_of(owner):
        with guard:
            return locks.setdefault(owner, threading.RLock())

    @functools.wraps(function)
    def call(*args, **kwargs):
        if _is_off():
            return function(*args, **kwargs)
        with lock_of(args[0]) if is_method else _WEB:
            return function(*args, **kwargs)

    return call


def _is_off():
    return os.environ.get(SWITCH, "").strip().lower() in _OFF


async def _has_turn(lock, client):
    """True once the lock is held, False where the client went before."""
    acquiring = asyncio.ensure_future(lock.acquire())
    has_turn = False
    try:
        await asyncio.sleep(0)  # a free lock is taken here: nothing is read ahead then
        while not acquiring.done():
            await asyncio.wait({acquiring} | client.reading(), return_when=asyncio.FIRST_COMPLETED)
            if client.is_gone():
                return False
        has_turn = True
        return True
    finally:
        if not has_turn and not acquiring.cancel():  # it was done already
            lock.release()


class _Client:
    """Reader of what a client sends while its request waits, for its going to be seen; hands it on afterwards."""

    def __init__(self, receive):
        self._receive, self._task = receive, None
        self._messages, self._bytes = deque(), 0

    def reading(self):
        """The read that is under way, as a set; empty where enough was read ahead."""
        if self._task is None and self._bytes < _READ_AHEAD:
            self._task = asyncio.ensure_future(self._receive())
        return set() if self._task is None else {self._task}

    def is_gone(self):
        """True if the last that came is the client's going."""
        if self._task is not None and self._task.done():
            message, self._task = self._task.result(), None
            self._bytes += len(message.get("body", b""))
            self._messages.append(message)
        return bool(self._messages) and self._messages[-1]["type"] == "http.disconnect"

    async def receive(self):
        """`receive` for the application: first what was read ahead."""
        if self._messages:
            return self._messages.popleft()
        if self._task is not None:
            task, self._task = self._task, None
            return await task
        return await self._receive()

    def close(self):
        """Leave no read behind."""
        if self._task is not None:
            self._task.cancel()
