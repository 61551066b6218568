"""Progress on standard error: a bar on a terminal, a line a round elsewhere; and that one has to wait."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ttsopt.boundary.escape import one_line
from ttsopt.cli.text import say
from ttsopt.errors import UsageError

if TYPE_CHECKING:
    from ttsopt.domain.measurement import Estimate
    from ttsopt.operations.recovery import Turn


class Step(Protocol):
    """The controller's progress before each process."""

    @property
    def done(self) -> int:
        """Processes that ended."""
        ...

    @property
    def total(self) -> int:
        """Processes in all."""
        ...

    @property
    def round(self) -> int:
        """1-based; 0 before the rounds."""
        ...

    @property
    def speedup(self) -> Estimate | None:
        """So far."""
        ...

    @property
    def seconds_left(self) -> float | None:
        """At most."""
        ...

    @property
    def comparison(self) -> str:
        """Its name, where there are several."""
        ...

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences to say once."""
        ...


def say_step(number: int, total: int, what: str) -> None:
    """Say what one of a few processes is about to do."""
    say(f"{what}: process {number} of {total}", err=True)


@contextmanager
def bench_progress() -> Iterator[Callable[[Step], None]]:
    """A function to call before each process."""
    if sys.stderr.isatty():
        with _bar() as tell:
            yield partial(_with_notices, tell)
    else:
        yield partial(_with_notices, _line)


def say_notices(sentences: Iterable[str]) -> None:
    """Say sentences before a run, a line each."""
    for sentence in sentences:
        say(f"notice: {sentence}", err=True)


def _with_notices(tell: Callable[[Step], None], step: Step) -> None:
    say_notices(step.notices)
    tell(step)


def _line(step: Step) -> None:
    if step.round == 0:
        say(f"{_name(step)}preparing: process {step.done + 1} of {step.total}", err=True)
    elif step.done % 2:
        say(f"{_name(step)}round {step.round}{_so_far(step)}", err=True)


def _name(step: Step) -> str:
    return f"{step.comparison}: " if step.comparison else ""


def _so_far(step: Step) -> str:
    """Say what is known after at least one round, and how long it may still take."""
    if step.speedup is None:
        return ""
    low, high = step.speedup.interval.low, step.speedup.interval.high
    left = f", at most {step.seconds_left:.0f} s left" if step.seconds_left is not None else ""
    bounds = f" ({low:.2f} to {high:.2f})" if math.isfinite(high) else ""
    return f": {step.speedup.value:.3f}x{bounds} so far{left}"


@contextmanager
def _bar() -> Iterator[Callable[[Step], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("preparing")

        def tell(step: Step) -> None:
            phase = f"round {step.round}{_so_far(step)}" if step.round else "preparing"
            what = one_line(f"{_name(step)}{phase}")
            progress.update(task, description=what, completed=step.done, total=step.total)

        yield tell


def turn_after(seconds: float | None, trust: str = "", *, dry_run: bool = False) -> Turn:
    """Wait so long (None: as usual) for another ttsopt at work on the checkout, and say that there is one.

    Raises:
        UsageError: State is to be trusted in a run that writes nothing.
    """
    if trust and dry_run:
        hint = "`ttsopt status` shows what the state would write."
        raise UsageError("trust-writes", "--trust-state writes, and --dry-run does not", hint)
    from ttsopt.operations.recovery import USUAL, Turn

    waits = USUAL.seconds if seconds is None else seconds
    return Turn(waits, lambda message: say(f"ttsopt: {message}", err=True), trust=trust)
