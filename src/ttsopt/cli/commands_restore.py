"""restore: the way out of a damaged journal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ttsopt.cli import options as opt
from ttsopt.cli.outcome import Outcome
from ttsopt.cli.progress import turn_after

if TYPE_CHECKING:
    from ttsopt.operations.restore import Restored


def restore(
    directory: opt.Directory = opt.HERE,
    wait: opt.Wait = None,
    trust_state: opt.TrustState = "",
) -> Outcome:
    """Where ttsopt's journal is damaged or gone: undo everything that its copies can prove."""
    from ttsopt.cli.options_installed import tell_unused
    from ttsopt.operations.restore import restore as carry_out

    tell_unused(directory)
    done = carry_out(directory, turn_after(wait, trust_state))
    code = done.error.exit_code if done.error else 0
    return Outcome(_data(done), partial(_show, done), done.error, code)


def _data(done: Restored) -> dict[str, Any]:
    from ttsopt.cli.rows import applied_rows

    seen = done.checkout.from_directory
    return {
        "restored": [seen(path) for path in done.restored],
        "kept": [{"path": seen(path), "reason": reason} for path, reason in done.kept],
        "set_aside": str(done.set_aside or ""),
        "patches": applied_rows(done.patches, done.checkout),
        "warnings": list(done.notes),
    }


def _show(done: Restored) -> None:
    from ttsopt.cli.text import print_lines

    if done.set_aside:
        print_lines([f"the damaged journal is in {done.set_aside} now"])
    print_lines(f"took out {row.id}" for row in done.patches)
    print_lines(f"restored {done.checkout.from_directory(path)}" for path in done.restored)
    print_lines(f"  note: {note}" for note in done.notes)
    if done.error is None:
        print_lines(["every file is as it was before, but for edits of your own"])
