"""A worker process with all that it starts: run to its end or its time limit, its last words kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ttsopt.boundary.pipes import Partner
from ttsopt.boundary.processes import run_worker


@dataclass(frozen=True, slots=True)
class ChildEnd:
    """Exit status (-N: signal N; None: over its time) and the last of what was printed."""

    status: int | None
    stdout: str
    stderr: str


def run_child(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
    partner: Partner | None = None,
) -> ChildEnd:
    """Run `command` in `folder` for at most `seconds`, as `run_worker` does; `partner` talks with it.

    Raises:
        OSError: It cannot be started.
    """
    end = run_worker(command, folder, environment, seconds, partner)
    stdout, stderr = (text.decode("utf-8", "replace") for text in (end.stdout, end.stderr))
    return ChildEnd(end.status, stdout, stderr)
