"""The words by which the next command, as it is printed, finds the same place again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ttsopt.operations.installed import Workplace


@dataclass(frozen=True, slots=True)
class Again:
    """`place`: the folder or the package. `choice`: the system there and catalogues, for those that take them."""

    place: tuple[str, ...] = ()
    choice: tuple[str, ...] = ()


def again(
    place: Workplace, system: str = "", root: str = "", catalogs: Sequence[Path] = ()
) -> Again:
    """Return the words for a place that a command worked in."""
    named = {"--system": system, "--root": root}
    choice = [word for option, value in named.items() if value for word in (option, value)]
    choice += [word for folder in catalogs for word in ("--catalog", str(folder))]
    words = [str(place.directory)] * (place.directory != Path())
    if place.installed:
        words = ["--installed", place.installed.name, "--python", str(place.python)]
    return Again(tuple(words), tuple(choice))
