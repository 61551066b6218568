"""A recorded call as the worker wrote it, read strictly: the rows that everything else here is concluded from.

A row is an operation of torch, something opaque (ONNX Runtime, a compiled region), or a moment at which Python saw
values. It reads and writes regions of storages. Storages are numbered through a process, no number is given twice.
Regions are numbered within a call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from itertools import islice
from pathlib import Path
from typing import Any

from ttsopt.boundary.parsing import load_json
from ttsopt.boundary.reading import OUTPUT, read_bytes

MOST = 2**62
LONGEST_NAME = 500


class Flag(IntFlag):
    """Facts of a row (in_target/operations.py).

    `USED`: whatever becomes of its results. `RANDOM`: it draws, and later draws depend on that. `WAIT`: Python
    waits for a value of it. `COPY`: the same values in the same layout. `GRADIENT`: recorded for a backward pass.
    `CONSTANT`: of weights and plain numbers alone. `VIEW`: no memory is read or written. `SEEN`: Python saw
    values. `FACTORY`: it reads nothing.
    """

    USED = 1
    RANDOM = 2
    WAIT = 4
    COPY = 8
    GRADIENT = 16
    CONSTANT = 32
    OPAQUE = 64
    VIEW = 128
    SEEN = 256
    FACTORY = 512


class How(IntEnum):
    """Kinds of writes: parts of the old content may stay, none stays, the storage is new."""

    CHANGED = 0
    REPLACED = 1
    MADE = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """A line of the checkout that was being run; `first_line` is that of its function."""

    path: str
    line: int
    function: str
    first_line: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Something beside torch: what, from which chain, how often, and how many seconds."""

    chain: int
    what: str
    count: int
    seconds: float


Chain = tuple[Frame, ...]  # innermost first
Region = tuple[int, int, int]  # first byte, last byte + 1, distinct bytes at most
Reads = tuple[tuple[int, int], ...]  # storage, region
Writes = tuple[tuple[int, int, int], ...]  # storage, region, How


@dataclass(frozen=True, slots=True)
class Recording:
    """One call. Columns have a value a row; seconds are of CPU time if `by_cpu`.

    `key` is the same for the same operation on the same values, -1 where nobody can say. `outlive` are storages
    that are there after the call; `shared` are storages and regions that others than torch may read and write.
    `beyond` operations came after the most that is recorded, or could not be.
    """

    operations: tuple[str, ...]
    chains: tuple[Chain, ...]
    operation: tuple[int, ...]
    chain: tuple[int, ...]
    flags: tuple[int, ...]
    start: tuple[float, ...]
    seconds: tuple[float, ...]
    thread: tuple[int, ...]
    key: tuple[int, ...]
    size: tuple[int, ...]
    reads: tuple[Reads, ...]
    writes: tuple[Writes, ...]
    regions: tuple[Region, ...]
    outlive: frozenset[int]
    shared: Reads
    outside: Mapping[str, tuple[Seen, ...]]
    call_seconds: float
    wall_seconds: float
    own_seconds: float
    by_cpu: bool
    beyond: int
    beyond_seconds: float
    unrecorded: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.operation)

    @property
    def total(self) -> float:
        """Seconds in operations."""
        return math.fsum(self.seconds) + self.beyond_seconds


def read_recording(file: Path) -> Recording:
    """The recording in a file.

    Raises:
        OSError: It cannot be read, or is too large.
        ValueError: It is none.
    """
    content = read_bytes(file, OUTPUT, follow=False)
    try:
        return _decoded(load_json(content))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"not a recording: {type(error).__name__}: {error}") from error


def _decoded(message: Any) -> Recording:
    columns = message["columns"]
    rows = len(columns["operation"])
    names = tuple(_text(name) for name in message["operations"])
    chains = tuple(tuple(_frame(row) for row in chain) for chain in message["chains"])
    regions = tuple(_region(row) for row in message["regions"])
    return Recording(
        names,
        chains,
        _whole(columns["operation"], rows, 0, len(names)),
        _whole(columns["chain"], rows, 0, len(chains)),
        _whole(columns["flags"], rows, 0, 2 * max(Flag)),
        _numbers(columns["start"], rows),
        _numbers(columns["seconds"], rows),
        _whole(columns["thread"], rows, 0, rows),
        _whole(columns["key"], rows, -1, MOST),
        _whole(columns["bytes"], rows, 0, MOST),
        tuple(_entries(message["reads"], rows, (MOST, len(regions)))),
        tuple(_entries(message["writes"], rows, (MOST, len(regions), len(How)))),
        regions,
        frozenset(_whole(message["outlive"], None, 0, MOST)),
        tuple(_entry(row, (MOST, len(regions))) for row in message["shared"]),
        {_text(kind): _seen(found, len(chains)) for kind, found in message["outside"].items()},
        _number(message["call_seconds"]),
        _number(message["wall_seconds"]),
        _number(message["own_seconds"]),
        message["by_cpu"] is True,
        _integer(message["beyond"], MOST),
        _number(message["beyond_seconds"]),
        {_text(name): _integer(n, MOST) for name, n in message["unrecorded"].items()},
    )


def _whole(values: Any, count: int | None, least: int, end: int) -> tuple[int, ...]:
    """So many integers from `least` to below `end`."""
    found = tuple(values)
    if count is not None and len(found) != count:
        raise ValueError(f"{len(found)} values where {count} belong")
    if not all(type(value) is int and least <= value < end for value in found):
        raise ValueError(f"a value is no integer from {least} to {end - 1}")
    return found


def _integer(value: Any, end: int) -> int:
    return _whole([value], 1, 0, end)[0]


def _numbers(values: Any, count: int) -> tuple[float, ...]:
    found = tuple(map(_number, values))
    if len(found) != count:
        raise ValueError(f"{len(found)} values where {count} belong")
    return found


def _number(value: Any) -> float:
    if type(value) not in {int, float} or not math.isfinite(value) or value < 0:
        raise ValueError("seconds that are none")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a name that is no text")
    return value[:LONGEST_NAME]


def _frame(row: Any) -> Frame:
    path, line, function, first = row
    return Frame(_text(path), _integer(line, MOST), _text(function), _integer(first, MOST))


def _region(row: Any) -> Region:
    first, end, size = _whole(row, 3, 0, MOST)
    if not (first <= end and size <= end - first):
        raise ValueError("a region that ends before it begins")
    return first, end, size


def _seen(rows: Any, chains: int) -> tuple[Seen, ...]:
    found = []
    for chain, what, count, seconds in rows:
        often = _integer(count, MOST)
        found.append(Seen(_integer(chain, chains), _text(what), often, _number(seconds)))
    return tuple(found)


def _entry(row: Any, ends: tuple[int, ...]) -> Any:
    if len(row) != len(ends):
        raise ValueError("an entry of another length")
    return tuple(_integer(value, end) for value, end in zip(row, ends, strict=True))


def _entries(flat: Any, rows: int, ends: tuple[int, ...]) -> Iterator[Any]:
    """The entries of each row: of a flat list, their number and then their values."""
    width, values = len(ends), iter(flat)
    take: Callable[[int], list[Any]] = lambda count: list(islice(values, count))  # noqa: E731
    for _ in range(rows):
        (count,) = _whole(take(1), 1, 0, len(flat))
        part = take(width * count)
        columns = [_whole(part[place::width], count, 0, end) for place, end in enumerate(ends)]
        yield tuple(zip(*columns, strict=True))
    _nothing_left(values)


def _nothing_left(values: Iterable[Any]) -> None:
    if any(True for _ in values):
        raise ValueError("entries of no row")
