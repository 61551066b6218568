"""The answers of `ttsopt apply` and `ttsopt rollback`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ttsopt.cli.again import Again
from ttsopt.cli.language import told
from ttsopt.cli.patch_words import said
from ttsopt.cli.rows import applied_rows, evidence_of, plan_rows
from ttsopt.cli.text import at_root, print_commands, print_lines, print_plan
from ttsopt.domain.plan import PlannedPatch, Status
from ttsopt.domain.typed_command import typed

if TYPE_CHECKING:
    from ttsopt.domain.journal import JournalPatch
    from ttsopt.operations.apply import Applied
    from ttsopt.operations.rollback import RolledBack

CURRENT = Again()  # the current folder


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


def show_applied(
    done: Applied,
    *,
    dry_run: bool,
    again: Again = CURRENT,
    suggested: PlannedPatch | None = None,
) -> None:
    """A line a patch, what to expect of those that were taken, and what to do next.

    `suggested` is the patch that would bring most, and has too strong an effect.
    """
    _show_recovered(done.recovered)
    if done.refusal:
        return
    plan = done.planned.plan
    print_plan(plan, "would apply" if dry_run else "applied")
    if any(row.why == "evidence" for row in plan.patches):
        print_lines(["`-p PATCH` takes one that is left out, `--all` every one that fits"])
    put_back = done.planned.put_back
    verb = "would put" if dry_run else "put"
    print_lines(f"{verb} back {path}, which was missing" for path in put_back)
    print_lines(f"  note: {note}" for note in done.notes)
    print_lines(_expectations(plan.having(Status.APPLIED)))
    if not plan.having(Status.APPLIED):
        print_lines(["nothing to do"] * (not plan.changes))
    if suggested:
        _show_suggested(suggested, again)
    if plan.having(Status.APPLIED) and not dry_run:
        print_lines(["restart your server: a process that runs keeps the code that it has loaded"])
        print_commands(_next_commands(done, again))


def _next_commands(done: Applied, again: Again) -> Iterator[tuple[str, str]]:
    systems = done.planned.located.systems
    if len(systems) == 1 and systems[0].system.bench:
        yield typed("ttsopt", "bench", *again.place, *again.choice, "--rtf"), "measures it"
    yield typed("ttsopt", "rollback", *again.place), "takes it out"


def _expectations(rows: Iterable[PlannedPatch]) -> Iterator[str]:
    """Yield what to expect of each, under the class of device that it is expected on."""
    known = [row for row in rows if row.evidence]
    if not known:
        return
    # Loaded where there is evidence alone: a rollback and a diff of one's own have none, and start the sooner.
    from ttsopt.cli.evidence_words import expectation

    if known[0].evidence:
        yield f"expected on {known[0].evidence.device}:"
    for row in known:
        first, *rest = (told(said(row.patch, line)) for line in expectation(row))
        yield f"  {row.patch.id}{at_root(row)}: {first}"
        yield from (f"    {line}" for line in rest)


def _show_suggested(row: PlannedPatch, again: Again) -> None:
    measured = row.evidence.row if row.evidence else None
    if measured is None:
        return
    figure = f"{measured.ratio} on {measured.device.told}, size {measured.size}"
    print_lines(
        [f"{row.patch.effect.value}, so left out: {row.patch.id} would bring most, {figure}"]
    )
    named = ("-p", row.patch.id, "--effect", row.patch.effect.value)
    print_commands([(typed("ttsopt", "apply", *again.place, *again.choice, *named), "takes it")])


def suggested_data(row: PlannedPatch | None) -> dict[str, Any] | None:
    """Return the patch that would bring most and has too strong an effect; null without one."""
    if row is None:
        return None
    effect = row.patch.effect.value
    return {
        "patch": row.patch.id,
        "root": row.root,
        "effect": effect,
        "evidence": evidence_of(row),
    }


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
