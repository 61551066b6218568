"""The answer of `ttsopt reapply`."""

from __future__ import annotations

from typing import Any

from ttsopt.cli.again import Again
from ttsopt.cli.show_write import CURRENT, applied_data, show_applied
from ttsopt.cli.text import print_lines
from ttsopt.operations.patch_list import WantedPatch
from ttsopt.operations.reapply import Reapplied, Unmatched

LIST = "what the list has:"
NOW = "what is applied now:"
LAST = "what was applied last:"
GONE = "what was applied, and is gone from its files:"
BOTH = "what is applied now, or was last:"


def reapplied_data(done: Reapplied, *, dry_run: bool) -> dict[str, Any]:
    """As `apply`, with where the list came from, and the patches that no plan could be made for."""
    here = done.applied.planned.located.checkout.from_directory
    unknown = [
        {
            "patch": one.patch.id,
            "version": one.patch.version,
            "root": here(one.patch.root),
            "parameters": dict(one.patch.parameters),
            "why": one.why,
            "message": one.reason,
            "hint": one.hint,
            "still_applied": one.stands,
        }
        for one in done.unknown
    ]
    rows = applied_data(done.applied, dry_run=dry_run)
    left_out = [{"patch": one.id, "root": here(one.root)} for one in done.left_out]
    return rows | {"source": done.source, "unknown": unknown, "left_out": left_out}


def show_reapplied(done: Reapplied, *, dry_run: bool, again: Again = CURRENT) -> None:
    """The same for people."""
    if not done.applied.refusal:
        print_lines([_heading(done)])
        print_lines(line for one in done.unknown for line in _lines(one))
    show_applied(done.applied, dry_run=dry_run, again=again)
    if done.left_out and not done.applied.refusal:
        print_lines([_left_out(done, dry_run=dry_run)])


def _heading(done: Reapplied) -> str:
    if done.source != "applied":
        return LIST if done.source == "list" else LAST
    if not done.stood:
        return GONE
    return NOW if len(done.stood) == len(done.wanted) else BOTH


def _left_out(done: Reapplied, *, dry_run: bool) -> str:
    names = ", ".join(f"{one.id}{_at(one)}" for one in done.left_out)
    verb = "would not be applied" if dry_run else "are not applied"
    more = "" if done.source == "list" else " any more"
    return f"{len(done.left_out)} of {len(done.wanted)} {verb}{more}: {names}"


def _at(patch: WantedPatch) -> str:
    return "" if patch.root == "." else f" at {patch.root}"


def _lines(one: Unmatched) -> list[str]:
    outcome = "stays applied" if one.stands else "left out"
    return [f"! {one.patch.id}{_at(one.patch)}  {outcome}: {one.reason}", f"    {one.hint}"]
