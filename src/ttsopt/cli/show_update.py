"""The answer of `ttsopt update`."""

from __future__ import annotations

from typing import Any

from ttsopt.checkout.update_record import BRANCH, SHOWN
from ttsopt.cli.show_reapply import reapplied_data, show_reapplied
from ttsopt.cli.text import print_lines
from ttsopt.operations.update import Updated


def updated_data(done: Updated, *, dry_run: bool) -> dict[str, Any]:
    """The commits, and what became of the patches as `reapply` has it, where they were put in again."""
    rows: dict[str, Any] = {"left_out": [], "dry_run": dry_run, "warnings": list(done.notes)}
    if done.reapplied:
        rows = reapplied_data(done.reapplied, dry_run=dry_run)
    return rows | {
        "from": done.goal.old,
        "to": done.goal.new,
        "branch": done.goal.branch,
        "outcome": done.outcome.value,
        "recovered": list(done.recovered),
    }


def show_updated(done: Updated, *, dry_run: bool) -> None:
    """The same for people."""
    goal, branch = done.goal, done.goal.branch.removeprefix(BRANCH)
    old, new = goal.old[:SHOWN], goal.new[:SHOWN]
    verb = "would go" if dry_run else "went"
    lines = {
        "up to date": f"{branch} is up to date, at {old}: nothing to do",
        "updated": f"{branch} {verb} from {old} to {new}",
        "taken back": f"{branch} is at {old} again, with the patches that it had",
        "forgotten": f"the update from {old} to {new} is forgotten; nothing else was changed",
    }
    print_lines([lines[done.outcome.value]])
    print_lines(f"  note: {note}" for note in done.notes)
    if done.reapplied:
        show_reapplied(done.reapplied, dry_run=dry_run)
