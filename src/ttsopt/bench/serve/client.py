"""One of several client processes (shares.py): sends its share of a block, and writes down what came back."""

from __future__ import annotations

import base64
import itertools
import json
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ttsopt.bench.serve.exchange import Exchange
from ttsopt.bench.serve.load import send_block
from ttsopt.bench.serve.request import Call, Request
from ttsopt.boundary.parsing import load_json
from ttsopt.domain.measurement import Utterance
from ttsopt.domain.serving import RequestTemplate


def main(folder: Path) -> None:
    """Take a share over the pipe, send it from the common start on, write `rows.json` and `bodies`."""
    os.read(0, 1)  # that the pipe is held (boundary/processes.py)
    pipe = sys.stdin.buffer
    table = _asked({"ask": True}, pipe.readline)
    requests = _requests(table)
    start = _asked({"ready": True}, pipe.readline).get("start")
    if start is None:  # another one is gone, or did not come in time
        return
    threading.Thread(target=_end_with_pipe, daemon=True).start()
    load = {name: table[name] for name in ("clients", "due", "room")}
    done = send_block(table["url"], requests, table["timeout"], **load, began=start)
    _write(folder, done)


def _asked(message: Mapping[str, object], readline: Any) -> dict[str, Any]:
    os.write(1, json.dumps(message).encode() + b"\n")
    return dict(load_json(readline()))


def _end_with_pipe() -> None:
    """End when the process is gone that holds the pipe: nothing else comes on it any more."""
    os.read(0, 1)
    os._exit(1)


def _requests(table: Mapping[str, Any]) -> list[Request]:
    files = {key: (name, base64.b64decode(data)) for key, (name, data) in table["files"].items()}
    call = Call("", RequestTemplate(), headers=table["headers"], files=files)
    return [
        Request(
            Utterance(str(at), ""),
            row["method"],
            row["path"],
            row["query"],
            row["json"],
            row["form"],
            call,
            row["gradio"],
        )
        for at, row in zip(table["numbers"], table["requests"], strict=True)
    ]


def _write(folder: Path, done: Sequence[Exchange]) -> None:
    sizes = itertools.accumulate((len(row.body) for row in done), initial=0)
    rows = [_row(row, at) for row, at in zip(done, sizes, strict=False)]
    (folder / "bodies").write_bytes(b"".join(row.body for row in done))
    (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")


def _row(row: Exchange, at: int) -> dict[str, object]:
    return {
        "number": int(row.text.id),
        "due": row.due,
        "sent": row.sent,
        "ended": row.ended,
        "failure": row.failure,
        "words": row.words,
        "arrivals": row.arrivals,
        "body": [at, len(row.body)],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
