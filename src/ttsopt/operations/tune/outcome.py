"""The files that tuning leaves: the list and the report, or none of the two from before."""

from __future__ import annotations

from ttsopt.operations.locate import Target
from ttsopt.operations.patch_list import list_text
from ttsopt.operations.reapply import Reapplied, put_in
from ttsopt.operations.recovery import Turn
from ttsopt.operations.tune.run import Tuned

TUNED = """\
# Patches that `ttsopt tune` measured to be faster together, each with its version, place and parameters.
# `ttsopt apply DIR --list FILE` applies them.
"""


def list_of(done: Tuned) -> str:
    """Return the text of the list."""
    return list_text(done.kept, head=TUNED)


def apply_tuned(done: Tuned, target: Target, turn: Turn) -> Reapplied:
    """Apply the set that was confirmed, all of it or nothing.

    Raises:
        TtsoptError: As `apply`.
    """
    return put_in(target, "list", done.kept, strict=True, turn=turn)
