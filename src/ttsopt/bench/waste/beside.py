"""Costs of another kind: waits for a value, needless copies, gradients without a use, time outside torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ttsopt.bench.waste.copies import needless_copies
from ttsopt.bench.waste.grouping import Told, Whole, table_of_calls, table_of_rows, table_of_seen
from ttsopt.bench.waste.model import WasteTable
from ttsopt.bench.waste.recording import Flag, Seen

WAITS = Told("waits", "values that Python waits for", "on a GPU, each one empties the queue")
COPIES = Told("copies", "copies of what nobody changes")
GRADIENTS = Told("gradients", "recorded for a backward pass", "torch.no_grad() or inference_mode()")
OPAQUE = Told("opaque", "opaque: of what is done inside, nothing is known")
OUTSIDE = Told("outside", "outside torch, by the library", "sampled: times are about right")
FILES = Told("files", "files that were read several times")
PATTERNS = Told("patterns", "regular expressions that were compiled")
SESSIONS = Told("sessions", "ONNX Runtime sessions that were made")


def tables_beside(whole: Whole, used: Sequence[bool]) -> tuple[WasteTable, ...]:
    """The tables of all that is not computed for nothing and costs all the same."""
    seen = whole.recording.outside
    copies = [row for row in needless_copies(whole.recording) if used[row]]
    return (
        table_of_rows(WAITS, whole, _flagged(whole, Flag.WAIT)),
        table_of_rows(COPIES, whole, copies),
        table_of_calls(GRADIENTS, whole, _flagged(whole, Flag.GRADIENT)),
        table_of_rows(OPAQUE, whole, _flagged(whole, Flag.OPAQUE)),
        table_of_seen(OUTSIDE, whole, _shared_out(whole, seen.get("outside", ()))),
        table_of_seen(FILES, whole, _several(seen.get("files", ()))),
        table_of_seen(PATTERNS, whole, seen.get("patterns", ())),
        table_of_seen(SESSIONS, whole, seen.get("sessions", ())),
    )


def _flagged(whole: Whole, flag: Flag) -> list[int]:
    flags = whole.recording.flags
    return [row for row in range(len(flags)) if flags[row] & flag and not flags[row] & Flag.VIEW]


def _several(seen: Sequence[Seen]) -> list[Seen]:
    """Those that were seen more than once, from one place or another."""
    total: Counter[str] = Counter()
    for one in seen:
        total[one.what] += one.count
    return [one for one in seen if total[one.what] > 1]


def _shared_out(whole: Whole, seen: Sequence[Seen]) -> list[Seen]:
    """Samples with their part of the time that no operation took."""
    samples = sum(one.count for one in seen)
    outside = max(0.0, whole.seconds - whole.recording.total)
    return [replace(one, seconds=outside * one.count / samples) for one in seen]
