"""The rows of a recorded call, a column each, and their file. Loaded by worker.py.

What they mean is said where they are read: ttsopt's bench/waste/recording.py.
"""

from __future__ import annotations

import json
import os
import threading
from array import array
from time import perf_counter
from typing import Any, Dict, List, Tuple

COLUMNS = {
    "operation": "q",
    "chain": "q",
    "flags": "q",
    "start": "d",
    "seconds": "d",
    "thread": "q",
    "key": "q",
    "bytes": "q",
}

Reads = List[Tuple[int, int]]  # storage, region
Writes = List[Tuple[int, int, int]]  # storage, region, how


class Call:
    """The rows of one call, a column each. `reads` and `writes` are flat: how many a row has, then those."""

    def __init__(self) -> None:
        self.names: Dict[str, int] = {}
        self.columns = {name: array(kind) for name, kind in COLUMNS.items()}
        self.reads, self.writes = array("q"), array("q")
        self.shared: Reads = []
        self.threads: Dict[int, int] = {}
        self.beyond, self.beyond_seconds, self.own_seconds = 0, 0.0, 0.0
        self.unrecorded: Dict[str, int] = {}
        self.began = perf_counter()

    @property
    def count(self) -> int:
        """Rows so far."""
        return len(self.columns["operation"])

    def add(self, name: str, reads: Reads, writes: Writes, **row: Any) -> None:
        """One more row."""
        row["thread"] = self.threads.setdefault(threading.get_ident(), len(self.threads))
        row["operation"] = self.names.setdefault(name, len(self.names))
        for column, values in self.columns.items():
            values.append(row[column])
        for flat, rows in ((self.reads, reads), (self.writes, writes)):
            flat.append(len(rows))
            for entry in rows:
                flat.extend(entry)

    def count_unrecorded(self, func: Any) -> None:
        """Count an operation of which nobody knows what it did."""
        name = str(func)
        self.unrecorded[name] = self.unrecorded.get(name, 0) + 1

    def message(self) -> Dict[str, Any]:
        """All of it, for JSON."""
        return {
            "operations": list(self.names),
            "columns": {name: list(values) for name, values in self.columns.items()},
            "reads": list(self.reads),
            "writes": list(self.writes),
            "shared": self.shared,
            "beyond": self.beyond,
            "beyond_seconds": self.beyond_seconds,
            "unrecorded": self.unrecorded,
            "own_seconds": self.own_seconds,
        }


def write_recording(path: str, recording: Dict[str, Any]) -> None:
    """Write a recording as JSON."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(recording, file, allow_nan=False, separators=(",", ":"))
