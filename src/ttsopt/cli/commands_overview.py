"""`ttsopt` alone: in a checkout, what it is and what would help; elsewhere, the help."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ttsopt.cli.options import HERE
from ttsopt.cli.outcome import Outcome


def overview() -> Outcome | None:
    """Look at the current folder; None where it holds no system, or is somebody's home, and not to be searched.

    Raises:
        TtsoptError: Its state or a file in it cannot be read.
    """
    from ttsopt.cli.choice import asked_device
    from ttsopt.cli.show_overview import overview_data, show_overview
    from ttsopt.operations.overview import overview as look

    if Path.cwd() in {Path.home(), Path(Path.cwd().anchor)}:
        return None
    seen = look(HERE, asked_device(""))
    return Outcome(overview_data(seen), partial(show_overview, seen)) if seen else None
