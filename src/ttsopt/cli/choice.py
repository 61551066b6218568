"""The options that choose patches, as `plan`, `apply` and `bench` share them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ttsopt.domain.effect import Effect
from ttsopt.errors import UsageError

if TYPE_CHECKING:
    from ttsopt.domain.device_class import DeviceClass
    from ttsopt.operations.plan.selection import Selection


def chosen(
    patches: Sequence[str],
    effect: Effect | None,
    device: str,
    settings: Sequence[str],
    files: Sequence[Path],
    forced: Sequence[str],
    *,
    everything: bool,
    replace_own: bool = False,
) -> Selection:
    """Return which patches are asked for; `effect` is what was typed, None where nothing was.

    Raises:
        UsageError: A device that is none, or `--all` beside names.
    """
    from ttsopt.operations.plan.selection import Selection

    if everything and (patches or files):
        message = "--all takes every patch that fits, -p and --patch-file name some"
        raise UsageError("all-and-named", message, "Leave one of them out.")
    judged_on = asked_device(device)
    decides = not (patches or files or everything)
    return Selection(
        tuple(patches),
        effect or Effect.CLOSE,
        judged_on if decides else device_filter(device),
        tuple(settings),
        tuple(files),
        tuple(forced),
        claimed=effect,
        everything=everything,
        judged_on=judged_on,
        replace_own=replace_own,
    )


def check_list_alone(patches: Sequence[object], places: Sequence[object]) -> None:
    """See that nothing else chooses patches or systems where a list does.

    Raises:
        UsageError: Something does.
    """
    if any(patches):
        message = "--list has patches and values, and no other option may choose any"
        raise UsageError(
            "list-and-choice", message, "Leave out -p, --set, --effect and their like."
        )
    if any(places):
        message = "--list has the places of its patches: --system, --root and --all-roots do not go with it"
        raise UsageError("list-and-choice", message, "Leave them out, or change the list.")


def device_filter(typed: str) -> DeviceClass:
    """Return the class that was typed, any where none was: who lists patches leaves none out unasked.

    Raises:
        UsageError: It is no class.
    """
    from ttsopt.domain.device_class import ANY_DEVICE

    return asked_device(typed) if typed else ANY_DEVICE


def asked_device(typed: str) -> DeviceClass:
    """Return the class that was typed, else that of the device at hand.

    Raises:
        UsageError: It is no class.
    """
    from ttsopt.domain.device_class import FORM, parse_device

    if typed:
        try:
            return parse_device(typed)
        except ValueError as error:
            raise UsageError(
                "bad-device", f"--device {typed}: {error}", f"One of: {FORM}."
            ) from error
    from ttsopt.environment.device import device_at_hand

    return device_at_hand()
