"""A recording written by hand: rows of made-up operations on named storages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ttsopt.bench.waste.recording import Flag, How, Recording, read_recording

SIZE = 4096  # bytes of a storage where nothing else is said
Span = tuple[str, int, int]  # storage, first byte, last byte + 1


@dataclass
class Rows:
    """`op` adds a row; `at` is the line that it is asked for by. Times are a second an operation."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    regions: list[tuple[int, int, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    chains: list[list[tuple[str, int, str, int]]] = field(default_factory=lambda: [[]])
    storages: dict[str, int] = field(default_factory=dict)
    outlive: list[str] = field(default_factory=list)
    shared: list[tuple[str, int, int]] = field(default_factory=list)
    seen: dict[str, list[Any]] = field(default_factory=dict)

    def op(
        self,
        name: str,
        *,
        reads: Sequence[str | Span] = (),
        makes: Sequence[str | Span] = (),
        fills: Sequence[str | Span] = (),
        changes: Sequence[str | Span] = (),
        flags: int = 0,
        key: int = -1,
        seconds: float = 1.0,
        at: int = 1,
        callers: Sequence[tuple[str, int, str, int]] = (),
    ) -> Rows:
        written = [(How.MADE, row) for row in makes]
        written += [(How.REPLACED, row) for row in fills]
        written += [(How.CHANGED, row) for row in changes]
        self.rows.append(
            {
                "operation": self._number(self.names, name),
                "chain": self._number(self.chains, [("tts/model.py", at, "speak", 1), *callers]),
                "flags": int(flags),
                "start": float(len(self.rows)),
                "seconds": seconds,
                "thread": 0,
                "key": key,
                "bytes": sum(self._span(row)[2] - self._span(row)[1] for _, row in written),
                "reads": [self._place(row) for row in reads],
                "writes": [[*self._place(row), int(how)] for how, row in written],
            }
        )
        return self

    def sees(self, *names: str | Span) -> Rows:
        """Python looks at values, and keeps their memory."""
        self.shared += [self._span(name) for name in names]
        return self.op("python.numpy", reads=names, flags=Flag.USED | Flag.SEEN, seconds=0.0)

    def message(self) -> dict[str, Any]:
        columns = ("operation", "chain", "flags", "start", "seconds", "thread", "key", "bytes")
        flat = {
            name: [
                value
                for row in self.rows
                for value in (len(row[name]), *(one for entry in row[name] for one in entry))
            ]
            for name in ("reads", "writes")
        }
        return {
            "operations": self.names,
            "chains": self.chains,
            "columns": {name: [row[name] for row in self.rows] for name in columns},
            **flat,
            "shared": [self._place(span) for span in self.shared],
            "regions": self.regions,
            "outlive": [self._storage(name) for name in self.outlive],
            "outside": self.seen,
            "call_seconds": 1.0,
            "wall_seconds": 1.0,
            "own_seconds": 0.0,
            "by_cpu": True,
            "beyond": 0,
            "beyond_seconds": 0.0,
            "unrecorded": {},
        }

    def write(self, file: Path) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(self.message()), encoding="utf-8")
        return file

    def recording(self, folder: Path) -> Recording:
        return read_recording(self.write(folder / "recording.json"))

    def _storage(self, name: str) -> int:
        return self.storages.setdefault(name, len(self.storages))

    def _span(self, row: str | Span) -> Span:
        return (row, 0, SIZE) if isinstance(row, str) else row

    def _place(self, row: str | Span) -> list[int]:
        name, first, end = self._span(row)
        region = self._number(self.regions, (first, end, end - first))
        return [self._storage(name), region]

    def _number(self, known: list[Any], value: Any) -> int:
        if value not in known:
            known.append(value)
        return known.index(value)
