"""Commands that are started in a part of a checkout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ttsopt.cli.outcome import Outcome
from ttsopt.cli.text import say
from ttsopt.errors import RefusedError

if TYPE_CHECKING:
    from ttsopt.operations.installed import Workplace


def in_whole(place: Workplace, work: Callable[[Workplace], Outcome]) -> Outcome:
    """Do it in the folder that was named; where that is a part of a checkout, in the checkout, and say so.

    Raises:
        TtsoptError: As `work`.
    """
    try:
        return work(place)
    except RefusedError as error:
        if place.installed or error.code not in {"no-system", "inside-a-checkout"}:
            raise
        from ttsopt.operations.locate import whole_checkout

        above = whole_checkout(place.directory)
        if above is None:
            raise
    say(
        f"note: this is a part of {above}, which is what is worked on; paths are from there",
        err=True,
    )
    return work(replace(place, directory=above))
