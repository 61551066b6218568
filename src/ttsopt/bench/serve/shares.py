"""Client processes: the requests of a block shared out, sent at once from a common start, and put together again.

A process of its own is `client.py`. Over its pipe it asks for its share (`{"ask": true}`), says that it is ready
(`{"ready": true}`), and is told when to start (`{"start": seconds}` of the clock that all processes of a machine
share); what came back it writes into a folder: `rows.json`, and `bodies`, one answer after the other.
"""

from __future__ import annotations

import base64
import json
import math
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ttsopt.bench.run.process import ChildEnd, run_child
from ttsopt.bench.serve.exchange import Exchange
from ttsopt.bench.serve.request import Request
from ttsopt.bench.serve.spec import MOST_BLOCK
from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.process_tree import ProcessTree
from ttsopt.boundary.reading import OUTPUT, read_bytes
from ttsopt.boundary.scratch import scratch_folder
from ttsopt.boundary.variables import scrubbed
from ttsopt.errors import CannotRunError

COMMAND = (sys.executable, "-P", "-m", "ttsopt.bench.serve.client")
READY_SECONDS = 60.0
# From the word that all are ready to the common start, so that it has come to each.
MARGIN = 0.2


@dataclass(frozen=True, slots=True)
class Share:
    """Share of one process: requests by their number in the block, each when it is `due`, or by `clients`."""

    numbers: tuple[int, ...]
    clients: int = 0
    due: tuple[float, ...] = ()


def shared(
    count: int, workers: int, clients: int = 0, due: Sequence[float] = ()
) -> tuple[Share, ...]:
    """Return shares for at most `workers` processes: each has clients of its own, or its part of a timetable."""
    lanes = min(clients or count, count)
    used = max(1, min(workers, lanes))
    shares = []
    for worker in range(used):
        numbers = tuple(at for at in range(count) if at % lanes % used == worker)
        own = len(range(worker, lanes, used)) if clients else 0
        shares.append(Share(numbers, own, tuple(due[at] for at in numbers) if due else ()))
    return tuple(shares)


def send_by_processes(
    url: str,
    requests: Sequence[Request],
    timeout: float,
    workers: int,
    *,
    clients: int = 0,
    due: Sequence[float] = (),
) -> tuple[Exchange, ...]:
    """Send requests as `send_block` does, from several processes; in the order in which they ended.

    Raises:
        CannotRunError: `client-died`: one of them ended without a result.
    """
    shares = shared(len(requests), workers, clients, due)
    with scratch_folder("clients") as folder:
        start = _Start(threading.Barrier(len(shares)))
        processes = [
            _Process(_message(url, requests, timeout, share, len(shares)), folder / str(at), start)
            for at, share in enumerate(shares)
        ]
        _run_all(processes)
        gone = [one for one in processes if one.has_failed]
        rows = [row for one in gone or processes for row in one.result(requests)]
    return tuple(sorted(rows, key=lambda row: row.ended))


@dataclass(slots=True)
class _Start:
    """The common start: the first process that gets past the barrier names it."""

    barrier: threading.Barrier
    moment: float = math.nan
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> float:
        self.barrier.wait(READY_SECONDS)
        with self._lock:
            if math.isnan(self.moment):
                self.moment = time.perf_counter() + MARGIN
            return self.moment


@dataclass(slots=True)
class _Process:
    """The partner of one process, in the thread that waits for it."""

    message: bytes
    folder: Path
    start: _Start
    end: ChildEnd | None = None
    error: OSError | None = None
    _tree: ProcessTree = field(default_factory=ProcessTree)

    def run(self) -> None:
        self.folder.mkdir()
        try:
            self.end = run_child(
                (*COMMAND, str(self.folder)), self.folder, scrubbed(), math.inf, self
            )
        except OSError as error:
            self.error = error
        finally:
            self.start.barrier.abort()  # who still waits for one that is gone waits in vain

    def began(self, pid: int) -> None:
        self._tree.watch(pid)

    def answer(self, line: bytes) -> bytes | None:
        if line.startswith(b'{"ask"'):
            return self.message
        if not line.startswith(b'{"ready"'):
            return None
        try:
            return json.dumps({"start": self.start.wait()}).encode() + b"\n"
        except threading.BrokenBarrierError:
            return b"{}\n"

    def tick(self) -> None:
        """Nothing is looked at: it is the server's memory that counts."""

    def ended(self) -> None:
        self._tree.kill()

    def stop(self) -> None:
        self._tree.end()

    @property
    def has_failed(self) -> bool:
        """True if it ended of itself, and not for another one that did."""
        return self.end is None or self.end.status != 0

    def result(self, requests: Sequence[Request]) -> list[Exchange]:
        if self.has_failed:
            said = self.error or f"ended with status {self.end.status if self.end else None}"
            details = self.end.stderr.rstrip().splitlines()[-12:] if self.end else ()
            raise _died(said, details)
        if not (self.folder / "rows.json").is_file():
            raise _died("it was not ready")
        rows = load_json(read_bytes(self.folder / "rows.json", OUTPUT))
        bodies = read_bytes(self.folder / "bodies", MOST_BLOCK + 1)
        return [_exchange(row, bodies, requests) for row in rows]


def _died(said: object, details: Sequence[str] = ()) -> CannotRunError:
    return CannotRunError(
        "client-died", f"a client process: {said}", "Take fewer --workers.", details
    )


def _run_all(processes: Sequence[_Process]) -> None:
    threads = [threading.Thread(target=one.run, name="ttsopt-client") for one in processes]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:
        while any(thread.is_alive() for thread in threads):
            for one in processes:
                one.stop()
            threads[0].join(0.1)
        raise


def _message(
    url: str, requests: Sequence[Request], timeout: float, share: Share, workers: int
) -> bytes:
    call = requests[0].call
    files = {
        key: [name, base64.b64encode(data).decode()] for key, (name, data) in call.files.items()
    }
    own = [requests[at] for at in share.numbers]
    table = {
        "url": url,
        "timeout": timeout,
        "room": MOST_BLOCK // workers,
        "clients": share.clients,
        "due": list(share.due),
        "numbers": list(share.numbers),
        "headers": dict(call.headers),
        "files": files,
        "requests": [row.data() for row in own],
    }
    return json.dumps(table).encode() + b"\n"


def _exchange(row: dict[str, Any], bodies: bytes, requests: Sequence[Request]) -> Exchange:
    first, size = row["body"]
    made = Exchange(requests[row["number"]].text, row["due"], row["sent"], row["ended"])
    return replace(
        made,
        failure=row["failure"],
        words=row["words"],
        arrivals=tuple((when, count) for when, count in row["arrivals"]),
        body=bodies[first : first + size],
    )
