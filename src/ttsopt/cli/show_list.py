"""The answer of `ttsopt list DIR`: a table of the patches of each system, with what is known of them here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ttsopt.cli.cells import cells, padded
from ttsopt.cli.evidence_words import cost, gain
from ttsopt.cli.language import told
from ttsopt.cli.patch_words import said
from ttsopt.cli.text import MARKS, print_lines, put, remarks
from ttsopt.domain.plan import PlannedPatch, Status

if TYPE_CHECKING:
    from ttsopt.domain.device_class import DeviceClass
    from ttsopt.domain.system import FoundSystem
    from ttsopt.operations.planning import Planned

HEAD = ("patch", "effect", "device", "gain", "state")
STATES = {
    Status.APPLIED: "fits",
    Status.ALREADY: "in the tree",
    Status.ABSENT: "absent",
    Status.SKIPPED: "left out",
    Status.REFUSED: "refused",
}


def show_list(planned: Planned, device: DeviceClass) -> None:
    """Print a table a system; what a patch costs, and what it has to say of this tree, stands below its row."""
    for found in planned.located.systems:
        rows = [row for row in planned.plan.patches if _is_of(row, found)]
        print_lines([f"{found.system.name} at {found.root}, version {found.version.label}"])
        print_lines([f"gain on {device}; every name begins with {found.system.id}/", ""])
        _show_table(rows)
        print_lines([""])
    own = [row for row in planned.plan.patches if row.patch.id.startswith("file/")]
    if own:
        _show_table(own)
    print_lines(["`ttsopt show PATCH` explains one; `ttsopt apply` takes what is proven or argued"])


def state(row: PlannedPatch) -> str:
    """Return how a patch stands in the tree, in a word or three."""
    return "applied" if row.why == "applied" else STATES[row.status]


def _is_of(row: PlannedPatch, found: FoundSystem) -> bool:
    return row.root == found.root and row.patch.system == found.system.id


def _show_table(rows: Sequence[PlannedPatch]) -> None:
    head = tuple(map(told, HEAD))
    table = [head, *(_cells(row) for row in rows)]
    widths = [max(cells(line[column]) for line in table) for column in range(len(HEAD) - 1)]
    put(_line(head, widths))
    for row in rows:
        style, _ = MARKS[row.status]
        put(_line(_cells(row), widths), fg=style)
        print_lines(f"    {said(row.patch, line)}" for line in _below(row))


def _cells(row: PlannedPatch) -> tuple[str, ...]:
    patch = row.patch
    name = patch.id.partition("/")[2]
    return (
        name,
        patch.effect.value,
        patch.device.value,
        told(gain(row.evidence)),
        told(state(row)),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    columns = [padded(cell, width) for cell, width in zip(row, widths, strict=False)]
    return "  ".join([*columns, row[-1]])


def _below(row: PlannedPatch) -> Iterator[str]:
    if row.status in {Status.APPLIED, Status.ALREADY} and (price := cost(row.patch, row.evidence)):
        yield f"costs: {price}"
    if row.status is Status.REFUSED:
        yield f"{row.reason_there}"
    yield from remarks(row)
