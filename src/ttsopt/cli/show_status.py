"""The answer of `ttsopt status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttsopt.checkout.state.file_state import FileState
from ttsopt.cli.cells import padded
from ttsopt.cli.language import told
from ttsopt.cli.rows import applied_rows
from ttsopt.cli.show_foreign import foreign_data, foreign_lines
from ttsopt.cli.text import print_lines
from ttsopt.domain.typed_command import typed
from ttsopt.errors import GateFailedError, TtsoptError
from ttsopt.operations.status import CheckoutStatus

if TYPE_CHECKING:
    from ttsopt.domain.journal import JournalPatch
    from ttsopt.operations.reapply_preview import GonePatch, Stuck

NEXT = {
    FileState.APPLIED: "",
    FileState.EDITED: "changed since; `ttsopt rollback` keeps what was changed",
    FileState.MISSING: "it was deleted",
    FileState.DRIFTED: "it holds nothing of the patches",
    FileState.UNREACHABLE: "it may be patched, and cannot be reached",
    FileState.UPSTREAMED: "this version has it; `ttsopt rollback` forgets the patch",
}
GONE = {
    "reappliable": "gone from its files",
    "upstreamed": "gone, and not needed: this version has it",
    "conflicting": "gone, and no longer fits",
}
FORCE = "; `--force` keeps the file as it is in your state folder, and puts the original back"

FORGET = "; `--force` forgets the patches in it"


def status_data(found: CheckoutStatus) -> dict[str, Any]:
    """Patches, files with their state, what is gone or lost, newer versions, an unfinished step, foreign state."""
    here = found.checkout.from_directory
    return {
        "top": str(found.checkout.top),
        "state": found.state,
        "patches": applied_rows(found.patches, found.checkout),
        "files": [{"path": here(path), "state": state.value} for path, state in found.files],
        "stuck": [
            {"path": here(row.path), "line": row.line, "message": row.reason} for row in found.stuck
        ],
        "gone": [
            {
                "patch": row.id,
                "root": here(row.root),
                "files": [here(path) for path in row.paths],
                "prospect": row.prospect.value,
                "message": row.reason,
            }
            for row in found.gone
        ],
        "newer": dict(found.newer),
        "update": _update_row(found),
        "next": _next_commands(found),
        "unfinished": list(found.unfinished),
        "lost": [here(path) for path in found.lost],
        "foreign": foreign_data(found.checkout, found.foreign) if found.foreign else None,
        "unused": str(found.checkout.unused or ""),
    }


def status_error(found: CheckoutStatus) -> TtsoptError | None:
    """Return the error of `--check`: something is not as ttsopt left it, or unknown."""
    if found.is_whole or found.foreign:
        return found.foreign
    here = found.checkout.from_directory
    rows = [f"  {here(path)}: {state.value}" for path, state in found.files if NEXT[state]]
    rows += [f"  {here(path)}: of an unfinished step" for path in found.unfinished]
    rows += [f"  {here(path)}: its original is lost" for path in found.lost]
    rows += ["  .ttsopt: gone"] * (found.state == "copy")
    rows += ["  an update was stopped on its way"] * (found.update is not None)
    hint = "`ttsopt status` says what to do about each."
    return GateFailedError("drifted", "not all is as ttsopt left it:", hint, rows)


def show_status(found: CheckoutStatus) -> None:
    """The same for people."""
    if found.foreign:
        print_lines(foreign_lines(found.checkout, found.foreign))
        return
    if not found.patches:
        print_lines([f"nothing is applied in {found.checkout.top}"])
    gone = {(row.id, row.root): row for row in found.gone}
    for row in found.patches:
        print_lines(_patch_lines(found, row, gone.get((row.id, row.root))))
    width = max((len(path) for path, _ in found.files), default=0)
    stuck = {row.path: row for row in found.stuck}
    for path, state in found.files:
        what = _refusal(stuck[path], state) if path in stuck else NEXT[state]
        name = padded(found.checkout.from_directory(path), width)
        line = f"  {padded(told(state.value), 10)} {name}  {told(what)}"
        print_lines([line.rstrip()])
    if found.lost:
        print_lines(_lost_lines(found))
    if found.state == "copy":
        print_lines([f"{found.checkout.state} is gone; this is read from {found.checkout.copy}:"])
        print_lines(["the next command that writes puts it back"])
    if found.unfinished:
        print_lines([f"an earlier run was stopped while it wrote {', '.join(found.unfinished)}:"])
        print_lines(["`ttsopt apply` and `ttsopt rollback` put that right before they go on"])
    print_lines(_next_lines(found))


def _next_commands(found: CheckoutStatus) -> list[str]:
    """Return the commands that end a stopped update, else bring back what is gone, as they can be typed."""
    if found.update:
        from ttsopt.operations.updating.ways_on import next_commands

        return list(next_commands(found.checkout, found.update))
    return [_reapply(found)] if any(_can_come_back(row) for row in found.gone) else []


def _next_lines(found: CheckoutStatus) -> list[str]:
    """The same for people: one command, whatever the patches are."""
    if found.update:
        from ttsopt.checkout.update_record import SHOWN
        from ttsopt.operations.updating.ways_on import ways_on

        where = f"from {found.update.old[:SHOWN]} to {found.update.new[:SHOWN]}"
        return [
            f"an update {where} was stopped on its way: {ways_on(found.checkout, found.update)}"
        ]
    back = [row for row in found.gone if _can_come_back(row)]
    if any(row.needed for row in back):
        return [
            f"the checkout cannot run without what is missing: `{_reapply(found)}` puts it back"
        ]
    return [f"`{_reapply(found)}` puts in again what is gone"] if back else []


def _update_row(found: CheckoutStatus) -> dict[str, Any] | None:
    record = found.update
    if record is None:
        return None
    return {
        "from": record.old,
        "to": record.new,
        "branch": record.branch,
        "is_taken_back": record.is_taken_back,
    }


def _can_come_back(row: GonePatch) -> bool:
    return row.prospect.value == "reappliable"


def _reapply(found: CheckoutStatus) -> str:
    return typed("ttsopt", "reapply", found.checkout.directory)


def _lost_lines(found: CheckoutStatus) -> list[str]:
    names = [found.checkout.from_directory(path) for path in found.lost]
    hint = (
        "`ttsopt restore` takes the patches out of all other files; `git checkout -- FILE`, where git has it, "
        "brings an original back"
    )
    return [
        f"the originals of these are lost, in the checkout and in your state folder: {', '.join(names)}",
        hint,
    ]


def _refusal(stuck: Stuck, state: FileState) -> str:
    if state is FileState.UNREACHABLE:
        return f"{NEXT[state]}: {stuck.reason}; `ttsopt rollback` refuses until it is back{FORGET}"
    line = f"line {stuck.line}: " if stuck.line else ""
    force = FORCE if stuck.can_force else ""
    return f"changed since; `ttsopt rollback` would refuse: {line}{stuck.reason}{force}"


def _patch_lines(found: CheckoutStatus, row: JournalPatch, gone: GonePatch | None) -> list[str]:
    values = ", ".join(f"{name}={value}" for name, value in row.parameters.items())
    newer = f"; version {found.newer[row.id]} is out: run apply" if row.id in found.newer else ""
    root = found.checkout.from_directory(row.root)
    where = "" if root == "." else f" at {root}"
    lines = [f"{row.id}{where} version {row.version}{f' ({values})' if values else ''}{newer}"]
    return lines + (_gone_lines(found, gone) if gone else [])


def _gone_lines(found: CheckoutStatus, gone: GonePatch) -> list[str]:
    here = found.checkout.from_directory
    if gone.prospect.value == "patch-file":
        name = f"{gone.id.partition('/')[2]}.patch"
        command = f"{_reapply(found)} --patch-file {name}"
        lines = [f"  gone from its files: give it again, `{command}`"]
    elif gone.needed and _can_come_back(gone):
        lines = []  # what is missing says it all
    else:
        reason = f": {gone.reason}" if gone.reason else ""
        lines = [f"  {GONE[gone.prospect.value]}{reason}"]
    return lines + [
        f"  {here(path)} is missing, and {here(user)} imports it" for path, user in gone.needed
    ]
