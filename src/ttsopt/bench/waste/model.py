"""The report of `ttsopt waste`: tables of rows, each row a place in the code."""

from __future__ import annotations

from dataclasses import dataclass, field

from ttsopt.bench.waste.recording import Chain


@dataclass(frozen=True, slots=True)
class PatchHere:
    """A patch of the catalogue that edits the code of a row, and whether it is applied."""

    patch: str
    is_applied: bool


@dataclass(frozen=True, slots=True)
class WasteRow:
    """Operations that one chain of calls asked for, the longest first.

    `chain` ends where all that is called is in the row; `below` are the chains of the operations themselves.
    `share` is of the call's time, between 0 and 1; where it is not known, None. `bytes_kept`: what a cache would
    have to hold of them. `read`: how much of the results is read.
    """

    operations: tuple[str, ...]
    chain: Chain
    count: int
    seconds: float
    share: float | None
    bytes_kept: int = 0
    read: float | None = None
    patches: tuple[PatchHere, ...] = ()
    below: tuple[Chain, ...] = ()


@dataclass(frozen=True, slots=True)
class WasteTable:
    """Rows of one kind, the largest first; `share` and `seconds` are of all of them.

    `name` is a word for scripts; `title` and `note` are for people. `call` is the utterance that it speaks of.
    """

    name: str
    title: str
    call: str
    seconds: float
    share: float | None
    count: int
    rows: tuple[WasteRow, ...]
    bytes_kept: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Traced:
    """A call that was recorded: its wall seconds without the recorder and with it, and if the output is equal."""

    id: str
    is_equal: bool
    seconds: float
    recorded_seconds: float
    operations: int
    in_operations: float
    beyond: int = 0
    unrecorded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WasteReport:
    """All tables of one checkout. `for_nothing` is the share of the first call's time, between 0 and 1.

    `clock` is `cpu` or `wall`. Memory in bytes, without and with the recorder, 0 where unknown.
    """

    for_nothing: float
    clock: str
    calls: tuple[Traced, ...]
    tables: tuple[WasteTable, ...]
    peak_memory: int = 0
    peak_memory_recorded: int = 0
    stubs: tuple[str, ...] = field(default=())

    @property
    def is_trusted(self) -> bool:
        """True if every recorded call gave the bits that it gives unrecorded."""
        return all(call.is_equal for call in self.calls)
