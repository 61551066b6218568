"""The answers of `ttsopt apply` and `ttsopt rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttsopt.cli.rows import applied_rows, plan_rows
from ttsopt.cli.text import print_lines, print_plan
from ttsopt.domain.plan import Status
from ttsopt.operations.apply import Applied
from ttsopt.operations.rollback import RolledBack

if TYPE_CHECKING:
    from ttsopt.domain.journal import JournalPatch


def applied_data(done: Applied, *, dry_run: bool) -> dict[str, Any]:
    """The plan's rows; nothing counts as applied where the whole was refused."""
    rows = plan_rows(done.planned.plan)
    if done.refusal:
        rows[Status.SKIPPED.value] += [
            row | {"why": "refused"} for row in rows[Status.APPLIED.value]
        ]
        rows[Status.APPLIED.value] = []
    return rows | {"recovered": list(done.recovered), "dry_run": dry_run}


def show_applied(done: Applied, *, dry_run: bool) -> None:
    """A line a patch, and what to do next."""
    _show_recovered(done.recovered)
    if done.refusal:
        return
    plan = done.planned.plan
    print_plan(plan, "would apply" if dry_run else "applied")
    if not plan.having(Status.APPLIED):
        print_lines(["nothing to do"])
    elif not dry_run:
        measured = any(found.system.bench for found in done.planned.located.systems)
        bench = "`ttsopt bench --rtf` measures it; " * measured
        print_lines([f"{bench}`ttsopt rollback` takes it out"])


def rolled_back_data(done: RolledBack) -> dict[str, Any]:
    """Patches taken out or refused, those that stay, files written, kept, or without a trace already."""
    checkout = done.checkout
    patches = applied_rows(done.patches, checkout)
    return {
        "rolled_back": [] if done.refusal else patches,
        "kept": [
            {"path": checkout.from_directory(path), "state": state.value}
            for path, state in done.kept
        ],
        "refused": patches if done.refusal else [],
        "remaining": applied_rows(done.remaining, checkout),
        "files": [change.path for change in done.changes],
        "already_original": [checkout.from_directory(path) for path in done.gone],
        "recovered": list(done.recovered),
    }


def show_rolled_back(done: RolledBack, *, dry_run: bool) -> None:
    """The same for people."""
    _show_recovered(done.recovered)
    if done.refusal:
        return
    verb = "would take out" if dry_run else "took out"
    print_lines(f"{verb} {_named(done, row)}" for row in done.patches)
    print_lines(f"  {path} held nothing of it any more" for path in done.gone)
    if not done.patches:
        print_lines([f"nothing is applied in {done.checkout.top}"])
    elif done.remaining:
        print_lines([f"still applied: {', '.join(_named(done, row) for row in done.remaining)}"])
    elif not dry_run:
        print_lines(["every file is as it was before"])


def _named(done: RolledBack, row: JournalPatch) -> str:
    root = done.checkout.from_directory(row.root)
    return row.id if root == "." else f"{row.id} at {root}"


def _show_recovered(files: tuple[str, ...]) -> None:
    if files:
        print_lines([f"put back first, after an earlier run was stopped: {', '.join(files)}"])
