"""The first call as a trace for ui.perfetto.dev and chrome://tracing.

Trace Event Format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
Perfetto colours by name: what is never used has that for its name, and so a colour of its own; chrome://tracing
obeys `cname`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ttsopt.bench.waste.recording import Flag, Frame
from ttsopt.bench.waste.tables import Analysed

NEVER, AGAIN, UNREAD = "never used", "computed again", "mostly unread"
COLOURS = {NEVER: "terrible", AGAIN: "bad", UNREAD: "yellow"}
MICRO = 1e6


def chrome_trace(call: Analysed) -> dict[str, Any]:
    """One event an operation, in microseconds, on the thread that it ran on."""
    return {"displayTimeUnit": "ms", "traceEvents": list(_events(call))}


def _events(call: Analysed) -> Iterator[dict[str, Any]]:
    recording, again = call.recording, set(call.again)
    for row in range(len(recording)):
        if recording.flags[row] & Flag.SEEN:
            continue
        name = recording.operations[recording.operation[row]]
        verdict = _verdict(call, row, again)
        chain = recording.chains[recording.chain[row]]
        event = {
            "name": verdict or name,
            "cat": verdict or "used",
            "ph": "X",
            "ts": recording.start[row] * MICRO,
            "dur": recording.seconds[row] * MICRO,
            "pid": 1,
            "tid": recording.thread[row] + 1,
            "args": {"operation": name, "at": [_place(frame) for frame in chain]},
        }
        yield event | ({"cname": COLOURS[verdict]} if verdict else {})


def _verdict(call: Analysed, row: int, again: set[int]) -> str:
    if not call.used[row] and not call.recording.flags[row] & Flag.RANDOM:
        return NEVER
    if row in again:
        return AGAIN
    return UNREAD if row in call.read else ""


def _place(frame: Frame) -> str:
    return f"{frame.path}:{frame.line} {frame.function}"
