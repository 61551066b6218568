"""True if the code in a patch's edits is code: patterns, replacements, keys and values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from ttsopt.catalog.parameters import put_in
from ttsopt.catalog.walk import places_of
from ttsopt.domain.patch import Patch
from ttsopt.editing.check import check_code, check_key


def check_edits(patch: Patch) -> Iterator[tuple[str, str]]:
    """Yield everything that is wrong with the edits of a patch, by key; parameters stand at their defaults."""
    values = {parameter.name: parameter.default for parameter in patch.parameters}
    for place in places_of(patch):
        for key, message in check_code(put_in(patch, place.edit, values)):
            yield f"{place.key}.{key}", message
    for number, target in enumerate(patch.files):
        suffix = PurePosixPath(target.paths[0]).suffix if target.paths else ""
        if target.anchor and suffix != ".py":
            yield from check_key(f"files[{number}].anchor", target.anchor)
