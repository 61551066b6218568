"""Speech through the HTTP API that every Gradio application has: upload, call, wait for the event, fetch the file.

https://www.gradio.app/guides/querying-gradio-apps-with-curl
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from ttsopt.boundary.parsing import load_json

UPLOADED = "{upload}"
_EVENT = re.compile(rb"event: (complete|error)\r?\ndata: ([^\r\n]*)")

# Sends one request (method, path, its `json` or `files`); returns the bytes of its answer, which went well.
Step = Callable[..., Awaitable[bytes]]


class NoAnswerError(Exception):
    """An answer that is not as Gradio's are."""


async def ask(
    step: Step, prefix: str, name: str, body: Mapping[str, Any], files: Mapping[str, Any]
) -> str:
    """Call the function `name` and wait for its end; return the path of the file that it made.

    Raises:
        NoAnswerError: The function failed, or answered with something else.
    """
    prefix = prefix.rstrip("/")
    uploaded = ""
    for file in files.values():
        made = _json(await step("POST", f"{prefix}/upload", files={"files": file}))
        uploaded = str(made[0]) if isinstance(made, list) and made else ""
    call = _json(await step("POST", f"{prefix}/call/{name}", json=_with(body, uploaded)))
    event = call.get("event_id") if isinstance(call, dict) else None
    if not isinstance(event, str):
        raise NoAnswerError("no event_id came back")
    events = await step("GET", f"{prefix}/call/{name}/{quote(event, safe='')}")
    path = _file(_outcome(events))
    if path is None:
        raise NoAnswerError("the function returned no file")
    return f"{prefix}/file={quote(path)}"


def _outcome(events: bytes) -> Any:
    found = _EVENT.findall(events)
    if not found:
        raise NoAnswerError("the event neither completed nor failed")
    kind, data = found[-1]
    if kind == b"error":
        raise NoAnswerError(f"the function failed: {data.decode('utf-8', 'replace')}")
    return _json(data)


def _json(data: bytes) -> Any:
    try:
        return load_json(data)
    except ValueError as error:
        raise NoAnswerError(f"no JSON: {error}") from error


def _file(value: Any) -> str | None:
    """Return the path of the first file in what a function returned."""
    if isinstance(value, dict):
        path = value.get("path")
        return (
            path if isinstance(path, str) else next(filter(None, map(_file, value.values())), None)
        )
    if isinstance(value, list):
        return next(filter(None, map(_file, value)), None)
    return None


def _with(value: Any, uploaded: str) -> Any:
    """Put the path of the upload in its place."""
    if isinstance(value, Mapping):
        return {key: _with(inner, uploaded) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with(inner, uploaded) for inner in value]
    return uploaded if value == UPLOADED else value
