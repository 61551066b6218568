"""The answer of `ttsopt` alone, in a checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttsopt.cli.evidence_words import cost, elsewhere, gain
from ttsopt.cli.language import told
from ttsopt.cli.patch_words import said
from ttsopt.cli.rows import patch_row, system_row
from ttsopt.cli.text import at_root, print_commands, print_lines
from ttsopt.domain.effect import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ttsopt.domain.plan import PlannedPatch
    from ttsopt.operations.overview import Overview


def overview_data(seen: Overview) -> dict[str, Any]:
    """The systems, the patches that are applied, those that would help most, and the device that it is for."""
    return {
        "systems": [system_row(found) for found in seen.planned.located.systems],
        "device": str(seen.device),
        "applied": [patch_row(row) for row in seen.applied],
        "helpful": [patch_row(row) for row in seen.helpful],
        "next": [command for command, _ in _next(seen)],
    }


def show_overview(seen: Overview) -> None:
    """The same for people."""
    for found in seen.planned.located.systems:
        print_lines([f"{found.system.name} at {found.root}, version {found.version.label}"])
    applied = [f"{row.patch.id}{at_root(row)}" for row in seen.applied]
    print_lines([f"applied: {', '.join(applied) or 'nothing'}", ""])
    if seen.helpful:
        print_lines([f"what would help most on {seen.device}:"])
        print_lines(line for row in seen.helpful for line in _helpful(row))
    else:
        print_lines([f"nothing else is proven or argued on {seen.device}"])
    print_lines([""])
    print_commands(_next(seen))


def _helpful(row: PlannedPatch) -> Iterator[str]:
    assert row.evidence is not None
    known = f"{gain(row.evidence)}{elsewhere(row.evidence)}"
    yield f"  {row.patch.id}{at_root(row)}: {row.patch.effect.value}; {told(known)}"
    if price := cost(row.patch, row.evidence):
        yield f"    {said(row.patch, f'costs: {price}')}"


def _next(seen: Overview) -> Iterator[tuple[str, str]]:
    if seen.is_default:
        yield "ttsopt apply", "takes them, but for what is lossy"
    lossy = [row for row in seen.helpful if row.patch.effect is Effect.LOSSY]
    if lossy and lossy[0].evidence and lossy[0].evidence.row:
        yield f"ttsopt apply -p {lossy[0].patch.id} --effect lossy", "takes the strongest lossy one"
    if seen.applied:
        yield "ttsopt bench --rtf", "measures what is applied"
        yield "ttsopt rollback", "takes all of it out"
    yield "ttsopt list .", "all patches of this checkout"
    yield "ttsopt --help", "all commands"
