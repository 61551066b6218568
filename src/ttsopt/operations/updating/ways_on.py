"""The commands that end an update that was stopped."""

from __future__ import annotations

from ttsopt.checkout.state.location import Checkout
from ttsopt.checkout.update_record import UpdateRecord
from ttsopt.domain.typed_command import typed

_VERBS = {"--continue": "goes on", "--abort": "takes it back"}


def ways_on(checkout: Checkout, record: UpdateRecord) -> str:
    """Return a sentence with the commands and what each does."""
    named = zip(_options(record), next_commands(checkout, record), strict=True)
    return ", ".join(f"`{command}` {_VERBS[option]}" for option, command in named) + "."


def next_commands(checkout: Checkout, record: UpdateRecord) -> tuple[str, ...]:
    """Return the commands, as they can be typed."""
    return tuple(typed("ttsopt", "update", option, checkout.top) for option in _options(record))


def _options(record: UpdateRecord) -> tuple[str, ...]:
    return ("--abort",) if record.is_taken_back else ("--continue", "--abort")
