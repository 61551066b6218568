"""Where the user's state lies, outside of every checkout."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ttsopt.errors import UsageError

VARIABLE = "TTSOPT_STATE_HOME"
# Nothing can be made below a device: an account without a home keeps no state, and is told so.
NOWHERE = Path(os.devnull) / "ttsopt"


def state_home() -> Path:
    """The folder of ttsopt's state of this user, links followed; it need not exist.

    Raises:
        UsageError: The variable names a relative path, which would be another folder wherever ttsopt is run.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return _absolute(named).resolve()
    from platformdirs import user_state_path

    try:
        home = user_state_path("ttsopt", appauthor=False)
    except RuntimeError:  # no home is known; older platformdirs leave the ~ in the path
        return NOWHERE
    return home.resolve() if home.is_absolute() else NOWHERE


def folder_of(top: Path) -> Path:
    """Return what belongs to one checkout, told by its path.

    Raises:
        UsageError: As `state_home`.
    """
    name = hashlib.sha256(os.fsencode(top)).hexdigest()[:32]
    return state_home() / "checkouts" / name


def _absolute(named: str) -> Path:
    path = Path(named)
    if not path.is_absolute():
        message = f"{VARIABLE} is {named}, a relative path: it would be another folder wherever ttsopt is run"
        raise UsageError("bad-state-home", message, f"Set {VARIABLE} to an absolute path.")
    return path
