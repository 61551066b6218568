"""Every edit of a patch, and every text of an edit, with the key that it has in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from ttsopt.domain.edits import AnyOf
from ttsopt.domain.patch import Edit, FileTarget, Patch


@dataclass(frozen=True, slots=True)
class Place:
    """An edit with its file and its key (`files[0].edits[2].any_of[1]`)."""

    key: str
    target: FileTarget
    edit: Edit


def places_of(patch: Patch) -> Iterator[Place]:
    """All edits in the order of the file; an `any_of` before its variants."""
    for number, target in enumerate(patch.files):
        for position, edit in enumerate(target.edits):
            yield from _places(f"files[{number}].edits[{position}]", target, edit)


def _places(key: str, target: FileTarget, edit: Edit) -> Iterator[Place]:
    yield Place(key, target, edit)
    if isinstance(edit, AnyOf):
        for number, variant in enumerate(edit.variants):
            yield from _places(f"{key}.any_of[{number}]", target, variant)


def texts_of(edit: Edit) -> Iterator[tuple[str, str]]:
    """The texts of an edit itself, not of its variants, with their keys."""
    for field in fields(edit):
        value = getattr(edit, field.name)
        key = edit.key_of(field.name)
        if isinstance(value, str):
            yield key, value
        elif isinstance(value, tuple) and not isinstance(edit, AnyOf):
            yield from ((f"{key}[{number}]", text) for number, text in enumerate(value))


def is_config(edit: Edit) -> bool:
    """Return True if an edit is for a YAML or TOML file rather than for Python."""
    return ".py" not in edit.suffixes
