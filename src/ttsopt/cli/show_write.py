"""The answers of `ttsopt apply` and `ttsopt rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttsopt.cli.rows import applied_rows, plan_rows
from ttsopt.cli.text import print_lines, print_plan
from ttsopt.domain.plan import Status

if TYPE_CHECKING:
    from ttsopt.domain.journal import JournalPatch
    from ttsopt.operations.apply import Applied
    from ttsopt.operations.rollback import RolledBack


def applied_data(done: Applied, *, dry_run: bool) -> dict[str, Any]:
    """The plan's rows; nothing counts as applied where the whole was refused."""
    rows = plan_rows(done.planned.plan)
    if done.refusal:
        rows[Status.SKIPPED.value] += [
            row | {"why": "refused"} for row in rows[Status.APPLIED.value]
        ]
        rows[Status.APPLIED.value] = []
    put_back = [] if done.refusal else list(done.planned.put_back)
    notes = {"recovered": list(done.recovered), "warnings": list(done.notes), "put_back": put_back}
    return rows | notes | {"dry_run": dry_run}


def show_applied(done: Applied, *, dry_run: bool) -> None:
    """A line a patch, and what to do next."""
    _show_recovered(done.recovered)
    if done.refusal:
        return
    plan = done.planned.plan
    print_plan(plan, "would apply" if dry_run else "applied")
    put_back = done.planned.put_back
    verb = "would put" if dry_run else "put"
    print_lines(f"{verb} back {path}, which was missing" for path in put_back)
    print_lines(f"  note: {note}" for note in done.notes)
    if not plan.having(Status.APPLIED):
        print_lines(["nothing to do"] * (not plan.changes))
    elif not dry_run:
        measured = any(found.system.bench for found in done.planned.located.systems)
        bench = "`ttsopt bench --rtf` measures it; " * measured
        print_lines([f"{bench}`ttsopt rollback` takes it out"])


def rolled_back_data(done: RolledBack) -> dict[str, Any]:
    """Patches taken out or refused, those that stay, files written, kept, or without a trace already."""
    checkout = done.checkout
    here = checkout.from_directory
    patches = applied_rows(done.patches, checkout)
    return {
        "rolled_back": [] if done.refusal else patches,
        "kept": [
            {
                "path": here(row.path),
                "state": "edited" if row.is_reached else "unreachable",
                "line": row.line,
                "message": row.reason,
            }
            for row in done.kept
        ],
        "refused": patches if done.refusal else [],
        "remaining": applied_rows(done.remaining, checkout),
        "files": [change.path for change in done.changes],
        "merged": [here(path) for path in done.merged],
        "replaced": [{"path": here(path), "kept_at": str(at or "")} for path, at in done.replaced],
        "retired": [{"path": here(path), "kept_at": str(at)} for path, at in done.retired],
        "unreached": [here(path) for path in done.unreached],
        "already_original": [here(path) for path in done.gone],
        "recovered": list(done.recovered),
        "warnings": list(done.notes),
    }


def show_rolled_back(done: RolledBack, *, dry_run: bool) -> None:
    """The same for people."""
    _show_recovered(done.recovered)
    if done.refusal:
        return
    verb = "would take out" if dry_run else "took out"
    here, gone = done.checkout.from_directory, {*done.gone, *done.unreached}
    print_lines(
        f"{'forgot' if gone.issuperset(row.splices) else verb} {_named(done, row)}"
        for row in done.patches
    )
    print_lines(f"  {here(path)} was deleted, and stays so" for path in done.missing)
    print_lines(
        f"  {here(path)} is not what the patches were put into any more, and is left alone"
        for path in done.gone
        if path not in {*done.original, *done.missing}
    )
    print_lines(
        f"  {here(path)} cannot be reached, and is left alone: the patches may be in it still"
        for path in done.unreached
    )
    print_lines(f"  {here(path)} keeps what was changed in it since" for path in done.merged)
    print_lines(
        f"  {here(path)} was replaced; as it was, it is kept in {at}"
        if at
        else f"  {here(path)} would be replaced, and kept as it is first"
        for path, at in done.replaced
    )
    print_lines(f"  the original of {here(path)} is kept in {at}" for path, at in done.retired)
    print_lines(f"  note: {note}" for note in done.notes)
    if not done.patches:
        print_lines([f"nothing is applied in {done.checkout.top}"])
    elif done.remaining:
        print_lines([f"still applied: {', '.join(_named(done, row) for row in done.remaining)}"])
    elif not dry_run and done.changes and done.is_as_before:
        print_lines(["every file is as it was before"])


def _named(done: RolledBack, row: JournalPatch) -> str:
    root = done.checkout.from_directory(row.root)
    return row.id if root == "." else f"{row.id} at {root}"


def _show_recovered(files: tuple[str, ...]) -> None:
    if files:
        print_lines([f"put back first, after an earlier run was stopped: {', '.join(files)}"])
