"""Find the patches of the catalogue that edit the code of a row of waste."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from ttsopt.bench.waste.model import PatchHere, WasteRow, WasteTable
from ttsopt.bench.waste.recording import Chain, Frame
from ttsopt.domain.journal import JournalPatch
from ttsopt.domain.plan import Splice
from ttsopt.operations.plan.composition import compose_file, splices_of
from ttsopt.operations.planning import Planned


@dataclass(frozen=True, slots=True)
class EditedLines:
    """Lines `first` to `last` (1-based) of a recorded file that a patch edits; an insertion is before `first`."""

    here: PatchHere
    first: int
    last: int
    is_insertion: bool = False

    def concerns(self, frame: Frame, *, is_end: bool) -> bool:
        """True if the patch edits the line that was run, or what the function did before.

        Between the ends of a chain an insertion counts only in front of a function, as a decorator does.
        """
        if not self.is_insertion:
            return self.first <= frame.line <= self.last
        if is_end:
            return frame.first_line <= self.first <= frame.line
        return self.first == frame.first_line


Edits = Mapping[str, Sequence[EditedLines]]  # path from the system's root -> what is edited there


def edited_lines(planned: Planned, present: Sequence[JournalPatch], root: Path) -> Edits:
    """The lines that each patch of a plan edits, in files as they are with the patches `present`.

    `planned` is a plan of all patches; `root` is the folder of the system.
    """
    applied = {row.id for row in present}
    edits: dict[str, list[EditedLines]] = defaultdict(list)
    for row in planned.journal.patches:
        here = PatchHere(row.id, row.id in applied)
        for path, splices in row.splices.items():
            name = PurePath(os.path.relpath(planned.located.checkout.top / path, root)).as_posix()
            content = compose_file(path, planned.baseline.original(path), present)
            if content is not None and not name.startswith("../"):
                there = splices_of(path, present)
                edits[name] += [_lines(content, splice, there, here) for splice in splices]
    return edits


def with_patches(table: WasteTable, edits: Edits) -> WasteTable:
    """The table with the patches of each row."""
    return replace(table, rows=tuple(_with_patches(row, edits) for row in table.rows))


def _with_patches(row: WasteRow, edits: Edits) -> WasteRow:
    below = row.below or (row.chain,)
    found = (patch for chain in below for patch in patches_of(chain, len(row.chain), edits))
    return replace(row, patches=tuple(dict.fromkeys(found)))


def patches_of(chain: Chain, origin: int, edits: Edits) -> tuple[PatchHere, ...]:
    """The patches that edit code of a chain of calls, from its innermost line out to the origin, each once.

    `origin`: the length of the part that is the row's own. What calls that is of other rows too.
    """
    frames = chain[: len(chain) - origin + 1]
    ends = {0, len(frames) - 1}
    found = (
        edit.here
        for place, frame in enumerate(frames)
        for edit in edits.get(frame.path, ())
        if edit.concerns(frame, is_end=place in ends)
    )
    return tuple(dict.fromkeys(found))


def _lines(
    content: bytes, splice: Splice, present: Sequence[Splice], here: PatchHere
) -> EditedLines:
    """The lines of a splice of the original in a file that has the splices `present`."""
    before = [one for one in present if one != splice and one.end <= splice.start]
    start = splice.start + sum(len(one.inserted) - (one.end - one.start) for one in before)
    length = len(splice.inserted) if here.is_applied else splice.end - splice.start
    first = content.count(b"\n", 0, start) + 1
    last = content.count(b"\n", 0, max(start, start + length - 1)) + 1
    return EditedLines(here, first, last, is_insertion=not length)
