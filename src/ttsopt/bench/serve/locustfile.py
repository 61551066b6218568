"""The scenario of a benchmark over HTTP as a locustfile, by which Locust drives many machines."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable

from ttsopt.bench.serve.request import Call, Request

# Runs without ttsopt, with Locust 2 alone. {scenario} is a string of JSON in Python's own writing.
_SOURCE = '''\
"""The requests of `ttsopt bench --http`, for Locust.

    locust -f THIS --host http://ADDRESS:PORT --headless -u CLIENTS -r CLIENTS -t 60s --processes 2

Each user asks again when it was answered. The time of a request is that to the last byte of its answer; the one
to the first sample is a row of its own, `first audio`. Of several workers each has its own texts: with
--processes N by itself, else with --expect-workers N typed for each of them. Variables of the environment that
headers need are read here.
"""

import base64
import itertools
import json
import os
import re
import time

from locust import HttpUser, task
from requests.exceptions import RequestException, Timeout

SCENARIO = json.loads({scenario})
HOLE = re.compile(r"\\{env:([A-Za-z_][A-Za-z0-9_]*)\\}")
HEADERS = {
    name: HOLE.sub(lambda hole: os.environ[hole[1]], text)
    for name, text in SCENARIO["headers"].items()
}
FILES = {
    key: (name, base64.b64decode(data)) for key, (name, data) in SCENARIO["files"].items()
}
ENDLESS = 2**31 - 2**16  # in the header of a WAV that is streamed: its length is not known


def sound_begins(body):
    """Return where sound begins in the answer so far; None where it does not yet."""
    if not body.startswith(b"RIFF"[: len(body)]):
        return 0
    at = body.find(b"data", 12)
    return None if at < 0 or len(body) <= at + 8 else at + 8


def what_is_wrong(status, body):
    """Return the failure of an answer, by the words of ttsopt; empty without one."""
    if not 200 <= status < 300:
        return "http-%d" % status
    begins = sound_begins(body)
    if not body or begins is None:
        return "empty"
    if body[:1] in (b"{", b"["):
        return "not-audio"
    size = int.from_bytes(body[begins - 4 : begins], "little") if begins else 0
    if 0 < size < ENDLESS and len(body) - begins < size:
        return "truncated"
    return "" if any(body[begins:]) else "silence"


class Listener(HttpUser):
    """Somebody who has one text after the other spoken."""

    numbers = None

    def on_start(self):
        """Count on from the place of this worker among all of them."""
        asked = vars(self.environment.parsed_options)
        workers = max(1, asked.get("processes") or asked.get("expect_workers") or 1)
        index = max(0, getattr(self.environment.runner, "worker_index", 0) or 0)
        if Listener.numbers is None:
            Listener.numbers = itertools.count(index % workers, workers)

    @task
    def speak(self):
        """Ask for the next text, and look at what comes back."""
        row = SCENARIO["requests"][next(Listener.numbers) % len(SCENARIO["requests"])]
        began = time.perf_counter()
        with self.client.request(
            row["method"],
            row["path"],
            params=row["query"] or None,
            json=row["json"],
            data=row["form"] or None,
            files=FILES or None,
            headers=dict({"Accept-Encoding": "identity"}, **HEADERS),
            name=SCENARIO["name"],
            timeout=SCENARIO["timeout"],
            allow_redirects=False,
            stream=True,
            catch_response=True,
        ) as response:
            self.hear(response, began)

    def hear(self, response, began):
        """Read an answer to its end; count it, and the time to its first sample."""
        body, first, wrong = bytearray(), None, ""
        try:
            for chunk in response.iter_content(4096):
                body += chunk
                if first is None and sound_begins(body) is not None:
                    first = 1000 * (time.perf_counter() - began)
        except Timeout:
            wrong = "timeout"
        except RequestException:
            wrong = "truncated"
        response.request_meta["response_time"] = 1000 * (time.perf_counter() - began)
        response.request_meta["response_length"] = len(body)
        if not wrong and response.status_code:  # 0: Locust has the exception already
            wrong = what_is_wrong(response.status_code, bytes(body))
        if wrong:
            response.failure(wrong)
        elif first is not None:
            response.success()
            row = {"request_type": "audio", "name": "first audio", "response_time": first}
            self.environment.events.request.fire(
                **row, response_length=0, exception=None, context={}
            )
'''


def locustfile(call: Call, requests: Iterable[Request], timeout: float) -> str:
    """Return a locustfile that sends these requests in turn; values of the environment are not in it."""
    files = {
        key: [name, base64.b64encode(data).decode()] for key, (name, data) in call.files.items()
    }
    scenario = {
        "name": call.template.path,
        "timeout": timeout,
        "headers": dict(call.template.headers),
        "files": files,
        "requests": [row.data() for row in requests],
    }
    return _SOURCE.replace("{scenario}", repr(json.dumps(scenario)))
