"""Tables made of recorded calls: what is never used, mostly unread, computed again, and known before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from ttsopt.bench.waste.beside import tables_beside
from ttsopt.bench.waste.grouping import Told, Whole, table_of_calls, table_of_rows
from ttsopt.bench.waste.liveness import used_rows
from ttsopt.bench.waste.model import WasteTable
from ttsopt.bench.waste.recording import Flag, Recording
from ttsopt.bench.waste.repeats import bytes_to_keep, computed_again, keys_of, known_before
from ttsopt.bench.waste.unread import read_shares

# A result of which no more than this is read is mostly unread.
MOSTLY = 0.6
FIRST, OTHER_TEXT, OTHER_VOICE, AGAIN = "first", "other-text", "other-voice", "again"

NEVER = Told("never-used", "never used")
UNREAD = Told("unread", "mostly unread", "the whole time of rows whose result is read in part")
REPEATED = Told("again", "computed again from the same inputs")
REPEATED_CONSTANT = Told("again-constant", "computed again from weights and numbers alone")
RANDOM = Told("random-unused", "random draws not used", "without them, later draws would be others")
ALWAYS = Told("known-always", "known before, whatever is said", "of weights and numbers alone")
VOICE = Told("known-voice", "known before: same voice, another text")
TEXT = Told("known-text", "known before: same text, another voice")
CALL = Told("known-call", "known before: the same call again", "what depends on text and voice")


@dataclass(frozen=True)
class Analysed:
    """One recorded call, with the seconds that it takes unrecorded.

    Operations take longer in the hands of the recorder, by microseconds each; where they add up to more than the
    call takes without it, shares are of their sum.
    """

    id: str
    recording: Recording
    seconds: float

    @cached_property
    def whole(self) -> Whole:
        """The call with the seconds that shares are of."""
        return Whole(self.id, self.recording, max(self.seconds, self.recording.total))

    @cached_property
    def used(self) -> list[bool]:
        """True for each row that was of use."""
        return used_rows(self.recording)

    @cached_property
    def again(self) -> list[int]:
        """Rows that another row of the call had already, and that are of use."""
        return [row for row in computed_again(self.recording) if self.used[row]]

    @cached_property
    def read(self) -> dict[int, float]:
        """Rows with little of their result read -> that share."""
        shares = read_shares(self.recording, self.used)
        return {row: share for row, share in shares.items() if share <= MOSTLY}

    @cached_property
    def keys(self) -> frozenset[int]:
        """Keys of results that a later call may know from this one."""
        return keys_of(self.recording)

    def dead(self, *, random: bool) -> list[int]:
        """Rows that nobody used: draws of random numbers, or all others."""
        unused = [row for row, is_used in enumerate(self.used) if not is_used]
        return self.having(Flag.RANDOM, unused, wanted=random)

    def having(self, flag: Flag, rows: Collection[int], *, wanted: bool = True) -> list[int]:
        """Those of the rows that have a flag, or those that have it not."""
        return [row for row in rows if bool(self.recording.flags[row] & flag) == wanted]


def for_nothing(call: Analysed) -> float:
    """The share of a call's time that it spends for nothing, between 0 and 1.

    Rows that are never used or computed again count in full, of those that are mostly unread what is not read.
    """
    seconds = call.recording.seconds
    wasted = {*call.dead(random=False), *call.again}
    unread = ((1 - share) * seconds[row] for row, share in call.read.items() if row not in wasted)
    return call.whole.share(sum(seconds[row] for row in wasted) + sum(unread)) or 0.0


def waste_tables(calls: Mapping[str, Analysed]) -> tuple[WasteTable, ...]:
    """All tables, those of waste first; `calls` by their id, the first one at least."""
    first = calls[FIRST]
    changing = first.having(Flag.CONSTANT, first.again, wanted=False)
    constant = first.having(Flag.CONSTANT, first.again)
    return (
        table_of_calls(NEVER, first.whole, first.dead(random=False)),
        table_of_rows(UNREAD, first.whole, first.read.keys(), read=first.read),
        table_of_calls(REPEATED, first.whole, changing),
        table_of_calls(REPEATED_CONSTANT, first.whole, constant),
        *_known(calls),
        table_of_rows(RANDOM, first.whole, first.dead(random=True)),
        *tables_beside(first.whole, first.used),
    )


def _known(calls: Mapping[str, Analysed]) -> list[WasteTable]:
    """Tables of results that the first call had already, each row once: by the least that it depends on."""
    keys, tables = calls[FIRST].keys, []
    told: set[int] = set()
    for id_, title in ((OTHER_TEXT, VOICE), (OTHER_VOICE, TEXT), (AGAIN, CALL)):
        if id_ not in calls:
            continue
        call = calls[id_]
        rows = [row for row in known_before(call.recording, keys - told) if call.used[row]]
        if id_ == OTHER_TEXT:
            tables.append(_known_table(ALWAYS, call, call.having(Flag.CONSTANT, rows)))
        changing = call.having(Flag.CONSTANT, rows, wanted=False)
        tables.append(_known_table(title, call, changing))
        told |= {call.recording.key[row] for row in rows}
    return tables


def _known_table(told: Told, call: Analysed, rows: Collection[int]) -> WasteTable:
    return table_of_calls(told, call.whole, rows, kept=bytes_to_keep(call.recording, rows))
